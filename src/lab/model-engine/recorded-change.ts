import type { SettingName, SettingValue } from '../../events/event.js'
import type { SettingChange } from '../../scripts/catalog.js'
import type { LabServer } from '../world/lab-server.js'
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
  /** `former`: nothing to do. `ours`: goes back. `foreign`: somebody else's now, and left alone. */
  stand: 'former' | 'ours' | 'foreign'
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
  return recordedChanges(server, run).map(({ setting, scope, goal, to }) => {
    const now = settingValue(server, setting, scope)
    const stand = now === goal ? 'former' : now === to ? 'ours' : 'foreign'
    return { change: { setting, scope, from: now, to: goal }, stand }
  })
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
