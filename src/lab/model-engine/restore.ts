import type { RestoreResult, ServiceSummary, SettingChange } from '../../scripts/catalog.js'
import type { LabServer } from '../world/lab-server.js'
import { dismountAccount, mountAccount } from './account-registry.js'
import { addEntry, addNote, addSetting, hasEntry, unlessJournalFails } from './journal.js'
import { addSettled, changedAccounts, standings } from './recorded-change.js'
import { runFile, stateText } from './run-files.js'
import { setSetting, settingValue } from './settings.js'
import { readSnapshot, type Snapshot } from './snapshot.js'
import { addStuck, restoreStartTypes, serviceSummary, startTypeDifferences } from './snapshot-services.js'
import { startRecordedServices } from './start-services.js'

export type RestoreBy = 'job' | 'guard' | 'call'

export interface RestoreOptions {
  by: RestoreBy
  /** Services are started, not only counted. */
  startServices: boolean
  timeoutSeconds: number
  again: boolean
  signal: AbortSignal
}

export interface Restored extends Omit<RestoreResult, 'disarmed'> {
  /** All is as it was: the guard may go. */
  right: boolean
}

/** Compare and swap, read back: what the job set goes back, what somebody else set since is left (ps-scripts/shared/Restore.ps1). */
export function restoreSettings(
  server: LabServer,
  run: string,
  by: RestoreBy,
): Pick<RestoreResult, 'restored' | 'stuck' | 'foreign'> {
  const restored: SettingChange[] = []
  const settled: SettingChange[] = []
  const stuck: SettingChange[] = []
  const foreign: SettingChange[] = []
  const refusals: string[] = []
  const unmounted = new Set(
    standings(server, run).flatMap(one => (one.stand === 'unmounted' ? [one.change.scope] : [])),
  )
  const problems = [...unmounted].map(sid => mountAccount(server, sid))
  for (const { change, stand } of standings(server, run)) {
    if (stand === 'foreign') foreign.push(change)
    if (stand === 'unmounted') stuck.push(change)
    else if (stand !== 'ours') settled.push(change)
    if (stand !== 'ours') continue
    try {
      setSetting(server, change)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      refusals.push(`${change.setting} ${change.scope}: ${reason}`)
    }
    if (settingValue(server, change.setting, change.scope) === change.to) restored.push(change)
    else stuck.push(change)
  }
  for (const sid of changedAccounts(server, run)) problems.push(dismountAccount(server, sid))
  // The words come after the values, as in the script.
  unlessJournalFails(server, run, () => {
    for (const refusal of [...problems.filter(text => text !== ''), ...refusals]) addNote(server, run, refusal)
    for (const change of restored) addSetting(server, run, 'restored', by, change)
    for (const change of stuck) addStuck(server, run, by, change)
    for (const change of foreign) addForeign(server, run, by, change)
    for (const change of [...settled, ...restored]) addSettled(server, run, change)
  })
  return { restored, stuck, foreign }
}

/** What is still not as it was: the job's settings that have not gone back, and start types. */
export function outstanding(server: LabServer, run: string, snapshot: Snapshot): SettingChange[] {
  const settings = standings(server, run).flatMap(({ change, stand }) =>
    stand === 'ours' || stand === 'unmounted' ? [change] : [],
  )
  return [...settings, ...startTypeDifferences(server, snapshot)]
}

/** True when the install came to an end, or never began: then services may be started. After a cut the files are half new. */
export function installEnded(server: LabServer, run: string): boolean {
  const began = hasEntry(
    server,
    run,
    entry => entry.type === 'step' && entry.step === 'install' && entry.status === 'started',
  )
  return !began || hasEntry(server, run, entry => entry.type === 'exit') || savedExit(server, run)
}

/** Where the installer's exit code has its room before the installer starts: a full disk keeps it too (ps-scripts/shared/Job.ps1). */
export function exitFile(run: string): string {
  return runFile(run, 'job.exit')
}

function savedExit(server: LabServer, run: string): boolean {
  return /^-?\d+ *$/.test(stateText(server, exitFile(run)) ?? '')
}

/** The whole restore: settings, start types, services. Throws `NO_SNAPSHOT`. */
export async function restoreEverything(server: LabServer, run: string, options: RestoreOptions): Promise<Restored> {
  const { by, startServices, timeoutSeconds, again, signal } = options
  // The settings need no snapshot and go back before it is read: a damaged one must not keep them.
  const settings = restoreSettings(server, run, by)
  const snapshot = readSnapshot(server, run)
  const startTypes = restoreStartTypes(server, run, by, snapshot)
  const services: ServiceSummary = startServices
    ? (await startRecordedServices(server, snapshot, { run, by, timeoutSeconds, again, signal })).services
    : serviceSummary(server, snapshot)
  unlessJournalFails(server, run, () => addEntry(server, run, { type: 'services', ...services }))
  const right = outstanding(server, run, snapshot).length === 0 && (!startServices || services.down.length === 0)
  return {
    restored: [...settings.restored, ...startTypes.restored],
    stuck: [...settings.stuck, ...startTypes.stuck],
    foreign: settings.foreign,
    services,
    right,
  }
}

/** Says it once, however often it is looked at. */
function addForeign(server: LabServer, run: string, by: RestoreBy, change: SettingChange): void {
  const { setting, scope, from } = change
  const said = hasEntry(
    server,
    run,
    entry =>
      entry.type === 'setting' &&
      entry.change === 'foreign' &&
      entry.by === by &&
      entry.setting === setting &&
      entry.scope === scope &&
      entry.from === from,
  )
  if (!said) addSetting(server, run, 'foreign', by, change)
}
