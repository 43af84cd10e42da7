import { askToEnd } from '../../msiexec/msiexec.js'
import { stopFile } from '../install-job.js'
import { jobState } from '../job-state.js'
import { runFile, stateText } from '../run-files.js'
import type { ScriptAnswer } from '../script-call.js'

/** Asks this run's installer to end, never another's; the job then restores as after any failure. */
export const stopInstallJob: ScriptAnswer<'Stop-InstallJob'> = ({ server, args: { Run: run } }) => {
  if (jobState(server, run) !== 'running') return { asked: false }
  server.files.write(stopFile(run), '')
  const [boot, pid] = (stateText(server, runFile(run, 'job.installer')) ?? '').split(' ')
  const installer = boot === server.bootId ? server.processes.find(Number(pid)) : undefined
  if (installer !== undefined) askToEnd(installer)
  return { asked: true }
}
