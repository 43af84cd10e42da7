import { createHash } from 'node:crypto'
import { armGuard, guardTask } from '../guard.js'
import { setLease } from '../lease.js'
import { armedRun, runFile } from '../run-files.js'
import type { ScriptAnswer } from '../script-call.js'
import { ScriptProblem } from '../script-problem.js'
import { readSnapshot } from '../snapshot.js'

export const registerGuard: ScriptAnswer<'Register-Guard'> = ({ server, args }) => {
  const { Run: run, LeaseMinutes, GuardScript, GuardSha256 } = args
  const other = armedRun(server)
  if (other !== null && other !== run) {
    throw new ScriptProblem(
      'RUN_ARMED',
      `run ${other} has its guard armed on this server`,
      `Wait for run ${other} to end; its guard restores the server and disarms by itself.`,
    )
  }
  readSnapshot(server, run)
  checkedScript('guard.ps1', GuardScript, GuardSha256)
  server.files.write(runFile(run, 'guard.ps1'), GuardScript)
  setLease(server, run, LeaseMinutes)
  armGuard(server, run)
  return { armed: true, tasks: [guardTask(run)] }
}

/** What a task runs has to be what was sent (ps-scripts/shared/Task.ps1). Throws `SCRIPT_DAMAGED`. */
export function checkedScript(fileName: string, text: string, sha256: string): void {
  if (createHash('sha256').update(text, 'utf8').digest('hex') === sha256) return
  throw new ScriptProblem('SCRIPT_DAMAGED', `${fileName} does not have the hash that came with it`, 'Run again.')
}
