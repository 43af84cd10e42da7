import { scheduleRestart } from '../../world/restart.js'
import type { ScriptAnswer } from '../script-call.js'

/** Says which boot ends, then restarts; the answer is gone before the connection is. */
export const restartServer: ScriptAnswer<'Restart-Server'> = ({ server, args: { Run, DelaySeconds } }) => {
  const { bootId } = server
  scheduleRestart(server, DelaySeconds, `exroll, run ${Run}`)
  return { bootId }
}
