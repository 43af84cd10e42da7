import { basename } from 'node:path'
import { type ExitCode, exitCodes, UsageError } from '../errors.js'
import type { StepName } from '../events/event.js'
import { autoUi } from '../output/dashboard/options.js'
import type { Secrets } from '../secrets/secrets.js'
import type { CommandIo } from './io.js'
import { runWord } from './run-folder.js'
import { spawnRunner } from './spawn-runner.js'
import { carryOutHere, type Ui } from './start-run.js'
import { viewRun } from './view-run.js'

export type UiChoice = 'auto' | 'dashboard' | Ui
export const uiChoices: readonly UiChoice[] = ['auto', 'dashboard', 'plain', 'ndjson', 'quiet']

/** What `--ui` means where exroll runs now. Throws `UsageError` NO_TERMINAL for a dashboard that nobody could see. */
export function chooseUi(choice: UiChoice, io: CommandIo): 'dashboard' | Ui {
  const isTerminal = (stream: unknown) => (stream as { isTTY?: boolean }).isTTY === true
  const terminals = { stdinIsTerminal: isTerminal(io.stdin), stderrIsTerminal: isTerminal(io.stderr) }
  if (choice === 'auto') return autoUi({ ...terminals, env: io.env })
  if (choice === 'dashboard' && !(terminals.stdinIsTerminal && terminals.stderrIsTerminal)) {
    throw new UsageError('--ui dashboard needs a terminal on stdin and stderr', {
      code: 'NO_TERMINAL',
      hint: 'Use --ui plain or --ui ndjson here, or --detach and exroll watch from a terminal.',
    })
  }
  return choice
}

export interface LaunchInput {
  folder: string
  secrets: Secrets
  ui: 'dashboard' | Ui
  detach: boolean
  retryFailed?: boolean
  fromStep?: StepName | undefined
  io: CommandIo
}

/**
 * Carries the run of a folder out: in this process with `plain`, `ndjson` and `quiet`; for a dashboard and with `detach` in a process of
 * its own, which needs neither this one nor the terminal. Returns the exit code.
 */
export async function launch({ folder, ui, detach, io, ...rest }: LaunchInput): Promise<ExitCode> {
  if (!detach && ui !== 'dashboard') return (await carryOutHere({ folder, ui, io, ...rest })).exitCode
  if (!detach) return launchOnDashboard({ folder, io, ...rest })
  const runner = await spawnRunner({ folder, io, ...rest })
  io.stdout.write(`${basename(folder)}\n`)
  const watch = `exroll watch ${runWord(folder, io)}`
  io.stderr.write(`It goes on in the background (process ${runner.pid}). Look at it with: ${watch}\n`)
  return exitCodes.ok
}

/** Ctrl-C before the dashboard takes keys must not end the viewer alone, with a run that goes on behind its back. */
async function launchOnDashboard(input: Omit<LaunchInput, 'ui' | 'detach'>): Promise<ExitCode> {
  let interrupted = false
  const interrupt = () => {
    interrupted = true
  }
  process.on('SIGINT', interrupt)
  try {
    const runner = await spawnRunner(input)
    const { folder, io } = input
    return await viewRun({ folder, runner, control: true, interrupted: () => interrupted, io })
  } finally {
    process.off('SIGINT', interrupt)
  }
}
