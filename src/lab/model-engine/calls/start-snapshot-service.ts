import { installEnded } from '../restore.js'
import type { ScriptAnswer } from '../script-call.js'
import { readSnapshot } from '../snapshot.js'
import { restoreStartTypes, serviceSummary } from '../snapshot-services.js'
import { startRecordedServices } from '../start-services.js'

export const startSnapshotService: ScriptAnswer<'Start-SnapshotService'> = async ({ server, args, signal, report }) => {
  const { Run: run, TimeoutSeconds } = args
  const snapshot = readSnapshot(server, run)
  const startTypes = restoreStartTypes(server, run, 'call', snapshot)
  if (!installEnded(server, run)) {
    const services = serviceSummary(server, snapshot)
    const message = 'not started: the install was cut short and its files may be half written'
    return { ...startTypes, services, started: [], errors: services.down.map(name => ({ name, message })) }
  }
  const started = await startRecordedServices(server, snapshot, {
    run,
    by: 'call',
    timeoutSeconds: TimeoutSeconds,
    again: true,
    signal,
    report,
  })
  return { ...startTypes, ...started }
}
