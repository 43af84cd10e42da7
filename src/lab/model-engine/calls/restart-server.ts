import { scheduleRestart } from '../../world/restart.js'
import { runFolder } from '../run-files.js'
import type { ScriptAnswer } from '../script-call.js'
import { ScriptProblem } from '../script-problem.js'

/** Says which boot ends, then restarts; the answer is gone before the connection is. */
export const restartServer: ScriptAnswer<'Restart-Server'> = ({ server, args: { Run, DelaySeconds } }) => {
  if (!server.files.exists(runFolder(Run))) {
    throw new ScriptProblem(
      'NO_RUN',
      `the folder of run ${Run} is gone from ${server.computerName}`,
      'It was removed while the run went on. Restart the server by hand, then go on with exroll resume.',
    )
  }
  const { bootId } = server
  scheduleRestart(server, DelaySeconds, `exroll, run ${Run}`)
  return { bootId }
}
