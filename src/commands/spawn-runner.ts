import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type ExitCode, exitCodes, ToolError } from '../errors.js'
import type { StepName } from '../events/event.js'
import { packageFile } from '../package-file.js'
import type { Secrets } from '../secrets/secrets.js'
import type { CommandIo } from './io.js'

/** What a runner is told over its stdin, as one line of JSON: never on a command line, in the environment or in a file. */
export interface RunnerOrders {
  secrets: Record<string, string>
  retryFailed: boolean
  fromStep: StepName | null
}

export interface Runner {
  pid: number
  /** True once the process has ended. */
  readonly ended: boolean
  /** What it ended with; null after a signal. */
  readonly exitCode: number | null
}

export interface SpawnRunnerInput {
  folder: string
  secrets: Secrets
  retryFailed?: boolean
  fromStep?: StepName | undefined
  io: CommandIo
}

const logName = 'runner.log'
/** Real time between two looks at whether it has begun. */
const lookEveryMs = 20

/**
 * Starts the process that carries a run out, in a session of its own: it survives the terminal, the viewer and this process. Returns when its
 * first event is in the journal. Throws `ToolError` with what the runner said when it ends before.
 */
export async function spawnRunner(input: SpawnRunnerInput): Promise<Runner> {
  const { folder, secrets, retryFailed = false, fromStep, io } = input
  const log = join(folder, logName)
  const journal = join(folder, 'journal.ndjson')
  const before = { log: sizeOf(log), journal: sizeOf(journal) }
  const output = openSync(log, 'a', 0o600)
  const program = packageFile('dist/cli.js')
  const child = spawn(process.execPath, [...process.execArgv, program, 'runner', folder], {
    cwd: io.cwd,
    env: io.env,
    stdio: ['pipe', output, output],
    detached: true,
    windowsHide: true,
  })
  closeSync(output)
  let ended = false
  let failed: Error | undefined
  child.once('exit', () => {
    ended = true
  })
  child.once('error', error => {
    failed = error
  })
  // A runner that ended at once does not read: what it said is in its log.
  child.stdin?.on('error', () => undefined)
  const orders: RunnerOrders = { secrets: await secrets.handOver(), retryFailed, fromStep: fromStep ?? null }
  child.stdin?.end(`${JSON.stringify(orders)}\n`)
  while (sizeOf(journal) <= before.journal) {
    if (failed !== undefined) throw failed
    if (ended) throw endedEarly(readFileSync(log).subarray(before.log).toString('utf8'), child.exitCode)
    await delay(lookEveryMs)
  }
  child.unref()
  return {
    pid: child.pid ?? 0,
    get ended() {
      return ended
    },
    get exitCode() {
      return child.exitCode
    },
  }
}

/** The runner's own words; it ends them with code and hint as every command does. */
function endedEarly(said: string, exitCode: number | null): ToolError {
  const known = Object.values(exitCodes).find(code => code === exitCode)
  const [, message = said.trim(), code = 'RUNNER_ENDED', hint] =
    /^error: ([\s\S]*?)\n {2}code ([A-Z_]+)(?:\. Try: ([\s\S]*?))?\n/m.exec(said) ?? []
  return new ToolError(message === '' ? 'the runner ended without a word' : message, {
    code,
    ...(hint === undefined ? {} : { hint }),
    exitCode: (known ?? exitCodes.bug) as ExitCode,
  })
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}
