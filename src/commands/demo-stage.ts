import { join, relative } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { connectControl } from '../control/client.js'
import { type ExitCode, exitCodes } from '../errors.js'
import { emptyState, reduce } from '../events/reduce.js'
import { askSecrets } from './ask-secrets.js'
import type { EndedRun } from './carry-out.js'
import { dryRun } from './dry-run.js'
import { readJournal } from './find-run.js'
import { followPlainly } from './follow-plainly.js'
import type { CommandIo } from './io.js'
import { operatorName } from './operator-name.js'
import { runCli } from './program.js'
import { makeRunFolder, newRunId } from './run-folder.js'
import type { RunRecord } from './run-record.js'
import { whileAsking } from './signals.js'
import { type Runner, spawnRunner } from './spawn-runner.js'
import { startRun } from './start-run.js'
import { viewRun } from './view-run.js'

export interface DemoStage {
  record: Omit<RunRecord, 'run'>
  runs: string
  /** What somebody would type behind `exroll run`. */
  words: string
  /** The server that is meant to fail. */
  failing: string
  io: CommandIo
}

/** How long the report of the dry run stays before the dashboard opens over it. */
const readingMs = 8000

/** The whole of it in lines of text. */
export function demoPlainly({ record, runs, words, io }: DemoStage): Promise<EndedRun> {
  io.stderr.write(`$ exroll run ${words} --yes\n\n`)
  return startRun({ ...record, runs, ui: 'plain', io })
}

/** First the dry run, then the dashboard on the real run, then the diagnosis of the server that failed. */
export async function demoOnTerminal({ record, runs, words, failing, io }: DemoStage): Promise<EndedRun> {
  io.stderr.write(`$ exroll run ${words} --dry-run\n\n`)
  const foretold = await dryRun({ ...record, ui: 'plain', io })
  if (foretold !== exitCodes.ok) return notRun(foretold)
  io.stderr.write(
    '\nThat was the dry run: nothing was changed. Now for real, with the dashboard; it\nopens in a moment, Enter opens it now.\n',
  )
  io.stderr.write(`$ exroll run ${words}\n`)
  if (!(await whileAsking(signal => reading(io, signal)))) return notRun(exitCodes.stopped)
  const secrets = await askSecrets(record.servers, io)
  const folder = makeRunFolder(runs, { run: newRunId(new Date()), ...record })
  const runner = await spawnRunner({ folder, secrets, io })
  const exitCode = await watchToTheEnd(folder, runner, io)
  const ended = { exitCode, folder, state: readJournal(folder).reduce(reduce, emptyState()) }
  if (ended.state.servers[failing]?.outcome !== 'failed') return ended
  const logs = join(relative(io.cwd, folder) || folder, 'servers', failing)
  io.stderr.write(`\n$ exroll diagnose ${logs}\n\n`)
  await runCli({ ...io, argv: ['diagnose', join(folder, 'servers', failing)] })
  return ended
}

function notRun(exitCode: ExitCode): EndedRun {
  return { exitCode, folder: '', state: emptyState() }
}

/** The fleet ends with this process: whoever looks away from the dashboard sees the rest of the run in lines, and Ctrl-C still stops it. */
async function watchToTheEnd(folder: string, runner: Runner, io: CommandIo): Promise<ExitCode> {
  const seen = await viewRun({ folder, runner, control: true, io })
  if (runner.ended || seen === exitCodes.left) return seen
  const client = await connectControl(folder, operatorName(io)).catch(() => undefined)
  let asked = false
  const stop = () => {
    void client?.ask({ action: asked ? 'leave' : 'abort' })
    asked = true
  }
  for (const signal of signals) process.on(signal, stop)
  try {
    return await followPlainly(folder, io)
  } finally {
    for (const signal of signals) process.off(signal, stop)
    client?.close()
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Until Enter, or until there was time to read; false when a signal ended it. */
async function reading({ stdin }: CommandIo, signal: AbortSignal): Promise<boolean> {
  const enter = new AbortController()
  const go = () => enter.abort()
  stdin.once('data', go)
  stdin.resume()
  await delay(readingMs, undefined, { signal: AbortSignal.any([enter.signal, signal]) }).catch(() => undefined)
  stdin.off('data', go)
  stdin.pause()
  return !signal.aborted
}
