import type { ServiceFact, ServiceSummary, SettingChange } from '../../scripts/catalog.js'
import type { LabServer } from '../world/lab-server.js'
import { addNote, addSetting, hasEntry, unlessJournalFails } from './journal.js'
import type { Snapshot } from './snapshot.js'

/** Services that Windows stops by itself when they have nothing to do (ps-scripts/shared/Service.ps1). */
const selfStopping = new Set([
  'msiserver',
  'trustedinstaller',
  'bits',
  'wuauserv',
  'swprv',
  'vss',
  'winhttpautoproxysvc',
  'comsysapp',
  'appidsvc',
  'appinfo',
  'wersvc',
  'sppsvc',
  'wdisystemhost',
  'tiworker',
  'msdtc',
  'clr_optimization_v2.0.50727_64',
])

/** Services that change their own start type and that the installer does not touch (ps-scripts/shared/Service.ps1). */
const selfConfiguring = new Set([
  'bits',
  'wuauserv',
  'trustedinstaller',
  'clr_optimization_v2.0.50727_32',
  'clr_optimization_v2.0.50727_64',
  'clr_optimization_v4.0.30319_32',
  'clr_optimization_v4.0.30319_64',
])

/** Services that ran when the snapshot was taken and are still installed. */
function expected({ services }: LabServer, snapshot: Snapshot): ServiceFact[] {
  return snapshot.services.filter(
    ({ name, state }) =>
      state === 'Running' && services.find(name) !== undefined && !selfStopping.has(name.toLowerCase()),
  )
}

/** How many of those that ran before run now. */
export function serviceSummary(server: LabServer, snapshot: Snapshot): ServiceSummary {
  const wanted = expected(server, snapshot)
  const down = wanted.filter(({ name }) => server.services.find(name)?.state !== 'Running').map(({ name }) => name)
  return { running: wanted.length - down.length, expected: wanted.length, down }
}

/** Start types that are not as in the snapshot: from = now, to = the snapshot's. */
export function startTypeDifferences({ services }: LabServer, snapshot: Snapshot): SettingChange[] {
  return snapshot.services.flatMap(({ name, startType }) => {
    const now = services.find(name)
    if (now === undefined || now.startType === startType || selfConfiguring.has(name.toLowerCase())) return []
    return [{ setting: 'start-type' as const, scope: name, from: now.startType, to: startType }]
  })
}

/** Puts start types back through the service manager and reads them back. */
export function restoreStartTypes(
  server: LabServer,
  run: string,
  by: 'job' | 'guard' | 'call',
  snapshot: Snapshot,
): { restored: SettingChange[]; stuck: SettingChange[] } {
  const wanted = startTypeDifferences(server, snapshot)
  const refusals: string[] = []
  for (const { scope } of wanted) {
    const startType = snapshot.services.find(({ name }) => name === scope)?.startType
    try {
      if (startType !== undefined) server.services.configure(scope, startType)
    } catch (error) {
      refusals.push(`start type of ${scope}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const left = new Set(startTypeDifferences(server, snapshot).map(({ scope }) => scope))
  const restored = wanted.filter(({ scope }) => !left.has(scope))
  const stuck = wanted.filter(({ scope }) => left.has(scope))
  // The words come after the values, as in the script.
  unlessJournalFails(server, run, () => {
    for (const refusal of refusals) addNote(server, run, refusal)
    for (const change of restored) addSetting(server, run, 'restored', by, change)
    for (const change of stuck) addStuck(server, run, by, change)
  })
  return { restored, stuck }
}

/** Says it once, however often the guard tries again. */
export function addStuck(server: LabServer, run: string, by: 'job' | 'guard' | 'call', change: SettingChange): void {
  const said = hasEntry(
    server,
    run,
    entry =>
      entry.type === 'setting' &&
      entry.change === 'stuck' &&
      entry.by === by &&
      entry.setting === change.setting &&
      entry.scope === change.scope,
  )
  if (!said) addSetting(server, run, 'stuck', by, change)
}
