import type { CollectableLog, ScriptProgress } from '../../../scripts/catalog.js'
import { eventsText } from '../../world/event-text.js'
import type { LabServer } from '../../world/lab-server.js'
import { setupLogs } from '../../world/windows-places.js'
import { logPath } from '../job-state.js'
import { runFile } from '../run-files.js'
import type { ScriptAnswer } from '../script-call.js'
import { snapshotFile } from '../snapshot.js'

/** Where each kind of log is (exchange.md 0, 2.4 and 2.5). */
const setupLogNames: Record<string, string> = {
  'service-control': 'ServiceControl.log',
  'update-cas': 'UpdateCas.log',
  'exchange-setup': 'ExchangeSetup.log',
}

export const getCollectableLog: ScriptAnswer<'Get-CollectableLog'> = ({
  server,
  args: { Run: run, Kinds },
  report,
}) => {
  const found: CollectableLog[] = []
  for (const kind of new Set(Kinds)) {
    const path = placeOf(server, run, kind, report)
    const stat = path === null ? undefined : server.files.stat(path)
    if (path === null || stat === undefined) continue
    const name = path.slice(path.lastIndexOf('\\') + 1)
    found.push({ kind, name, path, bytes: stat.bytes, sha256: server.files.sha256(path) })
  }
  return { files: found }
}

type Report = (progress: ScriptProgress) => void

function placeOf(server: LabServer, run: string, kind: string, report: Report): string | null {
  if (kind === 'msi') return logPath(server, run)
  if (kind === 'events') return exportEvents(server, run, report)
  const name = setupLogNames[kind]
  return name === undefined ? null : `${setupLogs}\\${name}`
}

/** The Application and System events since the snapshot, in a file of the run; null when there are none. */
function exportEvents(server: LabServer, run: string, report: Report): string | null {
  const began = server.files.stat(snapshotFile(run))?.modified
  const entries = began === undefined ? [] : server.events.since(began)
  if (entries.length === 0) return null
  const path = runFile(run, 'events.txt')
  const text = eventsText(server.computerName, entries)
  // The same events are not written again: who reads the file now must not see it change.
  if (server.files.exists(path) && server.files.text(path) === text) return path
  try {
    server.files.write(path, text)
    return path
  } catch (error) {
    // The other logs come all the same, from a full disk too.
    const why = error instanceof Error ? error.message : String(error)
    report({ note: `the events could not be written to a file: ${why}` })
    return null
  }
}
