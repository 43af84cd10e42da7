import type { ScriptAnswer } from '../script-call.js'
import { readSnapshot, takeSnapshot } from '../snapshot.js'

export const newSnapshot: ScriptAnswer<'New-Snapshot'> = ({ server, args: { Run, Accounts, Defaults } }) => {
  const created = takeSnapshot(server, Run, Accounts, Defaults)
  return { created, ...readSnapshot(server, Run) }
}
