import { join } from 'node:path'
import { type ExitCode, exitCodes } from '../errors.js'
import { emptyState, reduce } from '../events/reduce.js'
import { tailJournal } from '../output/journal-tail.js'
import { plainOutput } from '../output/plain.js'
import { recap } from '../output/recap.js'
import type { CommandIo } from './io.js'
import { livingRunner } from './runner-lock.js'

/** Prints a run line by line until nobody carries it out any more, then the recap. Returns its exit code; 5 when it was interrupted. */
export async function followPlainly(folder: string, io: CommandIo): Promise<ExitCode> {
  const print = plainOutput(io.stderr)
  let state = emptyState()
  const ended = () => livingRunner(folder) === undefined
  for await (const group of tailJournal(join(folder, 'journal.ndjson'), { ended })) {
    for (const event of group) {
      print(event)
      state = reduce(state, event)
    }
  }
  io.stdout.write(recap(state, { folder }))
  return (state.finished?.exitCode ?? exitCodes.stopped) as ExitCode
}
