import { disarmGuard } from '../guard.js'
import { busyReason } from '../job-state.js'
import { installEnded, outstanding } from '../restore.js'
import { armedRun } from '../run-files.js'
import type { ScriptAnswer } from '../script-call.js'
import { readSnapshot } from '../snapshot.js'
import { serviceSummary } from '../snapshot-services.js'

export const unregisterGuard: ScriptAnswer<'Unregister-Guard'> = ({ server, args: { Run: run } }) => {
  const snapshot = readSnapshot(server, run)
  const left = outstanding(server, run, snapshot)
  const services = serviceSummary(server, snapshot)
  // Services of an install that was cut short are not started: they hold nothing up.
  const servicesRight = services.down.length === 0 || !installEnded(server, run)
  if (left.length === 0 && servicesRight && busyReason(server, run) === '') disarmGuard(server, run)
  return { disarmed: armedRun(server) !== run, outstanding: left, services }
}
