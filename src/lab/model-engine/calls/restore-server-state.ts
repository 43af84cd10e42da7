import { disarmGuard } from '../guard.js'
import { busyReason } from '../job-state.js'
import { unlessJournalFails } from '../journal.js'
import { installEnded, restoreEverything } from '../restore.js'
import { armedRun } from '../run-files.js'
import type { ScriptAnswer } from '../script-call.js'
import { ScriptProblem } from '../script-problem.js'

export const restoreServerState: ScriptAnswer<'Restore-ServerState'> = async ({ server, args, signal }) => {
  const { Run: run, ServiceTimeoutSeconds } = args
  const busy = busyReason(server, run)
  if (busy !== '') {
    throw new ScriptProblem(
      'RESTORE_BUSY',
      `nothing can be put back now: ${busy}`,
      'Try again when it has ended; the guard does so by itself.',
    )
  }
  const { right, ...restored } = await restoreEverything(server, run, {
    by: 'call',
    startServices: installEnded(server, run),
    timeoutSeconds: ServiceTimeoutSeconds,
    again: true,
    signal,
  })
  // A guard that cannot write down that it is done stays, and goes by itself once it can.
  if (right) unlessJournalFails(server, run, () => disarmGuard(server, run))
  return { ...restored, disarmed: armedRun(server) !== run }
}
