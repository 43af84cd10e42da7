import { setPriority } from 'node:os'
import { join } from 'node:path'
import { connectControl } from '../control/client.js'
import { type ExitCode, exitCodes } from '../errors.js'
import type { RunState } from '../events/state.js'
import { dashboardOptions } from '../output/dashboard/options.js'
import type { DashboardEnd } from '../output/dashboard/show-dashboard.js'
import { tailJournal } from '../output/journal-tail.js'
import { inArrivalOrder } from './arrival-order.js'
import type { CommandIo } from './io.js'
import { operatorName } from './operator-name.js'
import { runWord } from './run-folder.js'
import { livingRunner } from './runner-lock.js'
import type { Runner } from './spawn-runner.js'

export interface ViewRunInput {
  folder: string
  /** The process that this one started; absent for a run of another. */
  runner?: Runner
  /** Wishes are passed on; without it the view is only a view. */
  control: boolean
  /** Whether Ctrl-C was pressed before the dashboard was there to take it. */
  interrupted?: () => boolean
  io: CommandIo
}

/** Shows a living run on the terminal until it is finished or the operator looks away. Returns the exit code. */
export async function viewRun({ folder, runner, control, interrupted, io }: ViewRunInput): Promise<ExitCode> {
  giveWay()
  // Loaded here only: React and Ink take longer to start than most commands take to end.
  const { showDashboard } = await import('../output/dashboard/show-dashboard.js')
  const client = await connectControl(folder, operatorName(io)).catch(() => undefined)
  if (interrupted?.() === true) await client?.ask({ action: 'abort' })
  const over = new AbortController()
  const tail = tailJournal(join(folder, 'journal.ndjson'), {
    ended: () => (runner === undefined ? livingRunner(folder) === undefined : runner.ended),
    signal: over.signal,
  })
  try {
    const { end, state } = await showDashboard({
      events: inArrivalOrder(tail, listener => client?.onEvent(listener)),
      control: control ? (client ?? null) : null,
      follow: server => client?.follow(server),
      stdin: io.stdin,
      stderr: io.stderr,
      stdout: io.stdout,
      options: dashboardOptions(io.env),
      folder,
      word: runWord(folder, io),
    })
    if (end === 'lost') io.stderr.write(`The last words of its process are in ${join(folder, 'runner.log')}\n`)
    return exitCodeOf(end, state)
  } finally {
    over.abort()
    client?.close()
  }
}

/** Where a run and its picture want the same processor, the run has it. Fifteen steps of nice leave the picture enough to be drawn. */
function giveWay(): void {
  try {
    setPriority(15)
  } catch (error) {
    // Where that is forbidden the picture is as good as before.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SYSTEM_ERROR') throw error
  }
}

/** A view that was left says nothing of the run, which goes on. */
function exitCodeOf(end: DashboardEnd, { finished }: RunState): ExitCode {
  switch (end) {
    case 'finished':
      return (finished?.exitCode ?? exitCodes.bug) as ExitCode
    case 'left':
      return exitCodes.left
    case 'lost':
      return exitCodes.stopped
    case 'detached':
    case 'terminated':
      return exitCodes.ok
  }
}
