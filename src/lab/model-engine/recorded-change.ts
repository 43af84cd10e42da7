import type { SettingName, SettingValue } from '../../events/event.js'
import type { SettingChange } from '../../scripts/catalog.js'
import type { LabServer } from '../world/lab-server.js'
import { systemSid } from '../world/windows-places.js'
import { isAccount, isReadable } from './account-registry.js'
import { addSetting } from './journal.js'
import { fromField, runFile, stateLines, toField } from './run-files.js'
import { setSetting, settingValue } from './settings.js'

/** What the job did to one setting: `to` is what it set last, `goal` is what goes back. */
interface RecordedChange {
  setting: SettingName
  scope: string
  goal: SettingValue
  to: SettingValue
}

/** How a changed setting stands now; `change` is that of putting it back. */
export interface Standing {
  change: SettingChange
  /**
   * `former`: nothing to do. `ours`: goes back. `foreign`: somebody else's now, and left alone. `unmounted`: goes back, once its account's
   * registry can be reached.
   */
  stand: 'former' | 'ours' | 'foreign' | 'unmounted'
}

/**
 * Writes a change down, makes it, reads it back (ps-scripts/shared/Change.ps1). `goal` is the value that goes back later: the former
 * one, or the recommended one. True when the value is there. Throws `AccessDenied`.
 */
export function makeRecordedChange(server: LabServer, run: string, change: SettingChange, goal: SettingValue): boolean {
  const { setting, scope, to } = change
  // `left` has its own target second: it stays as the job set it.
  const kind = goal === to ? 'left' : 'changed'
  const fields = [kind, ...[setting, scope, goal, to].map(toField)]
  server.files.append(runFile(run, 'changes'), `${fields.join(' ')}\n`)
  addSetting(server, run, 'changed', 'job', change)
  setSetting(server, change)
  return settingValue(server, setting, scope) === to
}

/** Every setting the job changed, in order, and how it stands now. */
export function standings(server: LabServer, run: string): Standing[] {
  const settled = settledSettings(server, run)
  return recordedChanges(server, run).map(({ setting, scope, goal, to }) => {
    if (!isReadable(server, scope)) {
      const stand = settled.has(`${setting}/${scope}`) ? 'former' : 'unmounted'
      return { change: { setting, scope, from: to, to: goal }, stand }
    }
    const now = settingValue(server, setting, scope)
    const stand = now === goal ? 'former' : now === to ? 'ours' : 'foreign'
    return { change: { setting, scope, from: now, to: goal }, stand }
  })
}

/** Notes that a setting of an account was seen to be right after the install: its registry may not be mounted at the next look. */
export function addSettled(server: LabServer, run: string, { setting, scope }: SettingChange): void {
  if (!isAccount(scope) || scope === systemSid || settledSettings(server, run).has(`${setting}/${scope}`)) return
  server.files.append(runFile(run, 'changes'), `settled ${toField(setting)} ${toField(scope)}\n`)
}

/** Accounts other than SYSTEM whose settings the job changed. */
export function changedAccounts(server: LabServer, run: string): string[] {
  const scopes = recordedChanges(server, run).map(({ scope }) => scope)
  return [...new Set(scopes)].filter(scope => isAccount(scope) && scope !== systemSid)
}

function settledSettings(server: LabServer, run: string): Set<string> {
  const lines = stateLines(server, runFile(run, 'changes')).map(line => line.trim().split(' '))
  return new Set(
    lines.flatMap(([kind, setting = '', scope = '', ...more]) =>
      kind === 'settled' && more.length === 0 ? [`${String(fromField(setting))}/${String(fromField(scope))}`] : [],
    ),
  )
}

/** One change a setting and scope: the goal as it was first, `to` as it was set last. A line cut by a crash came before no change. */
function recordedChanges(server: LabServer, run: string): RecordedChange[] {
  const changes = new Map<string, RecordedChange>()
  for (const line of stateLines(server, runFile(run, 'changes'))) {
    const [kind, ...fields] = line.trim().split(' ')
    if ((kind !== 'changed' && kind !== 'left') || fields.length !== 4) continue
    const [setting, scope, goal = null, to = null] = fields.map(fromField)
    const key = `${setting}/${scope}`
    const known = changes.get(key)
    changes.set(key, {
      setting: String(setting) as SettingName,
      scope: String(scope),
      goal: known === undefined ? goal : known.goal,
      to,
    })
  }
  return [...changes.values()]
}
