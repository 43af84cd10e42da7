import { basename } from 'node:path'
import { UsageError } from '../errors.js'
import { dashboardOptions } from '../output/dashboard/options.js'
import { replay } from '../output/dashboard/replay.js'
import { readJournal } from './find-run.js'
import type { CommandIo } from './io.js'
import { runWord } from './run-folder.js'

/** Shows a run that is over once more, `speed` times faster than it was; stays on its last picture until the operator looks away. */
export async function replayRun({
  folder,
  speed,
  io,
}: {
  folder: string
  speed: number
  io: CommandIo
}): Promise<void> {
  const journal = readJournal(folder)
  if (journal.length === 0) {
    throw new UsageError(`run ${basename(folder)} has no events yet`, {
      code: 'RUN_EMPTY',
      hint: `It was ended before it began: exroll resume ${basename(folder)}`,
    })
  }
  const { showDashboard } = await import('../output/dashboard/show-dashboard.js')
  const { events, now } = replay(journal, { speed })
  await showDashboard({
    events,
    now,
    control: null,
    stdin: io.stdin,
    stderr: io.stderr,
    stdout: io.stdout,
    options: dashboardOptions(io.env, { atEnd: 'stay' }),
    folder,
    word: runWord(folder, io),
  })
}
