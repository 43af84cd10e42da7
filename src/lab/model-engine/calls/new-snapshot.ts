import type { ScriptAnswer } from '../script-call.js'
import { readSnapshot, takeSnapshot } from '../snapshot.js'

export const newSnapshot: ScriptAnswer<'New-Snapshot'> = ({ server, args }) => {
  const { Run, Accounts, Defaults, Before } = args
  const created = takeSnapshot(server, Run, { accounts: Accounts, defaults: Defaults, before: Before })
  return { created, ...readSnapshot(server, Run) }
}
