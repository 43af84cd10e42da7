import type { ScriptAnswer } from '../script-call.js'

/** Ready when the automatic services have been started, which is when the server lets anybody in. */
export const getBootState: ScriptAnswer<'Get-BootState'> = ({ server }) => ({
  bootId: server.bootId,
  uptimeMs: server.uptimeMs,
  ready: !server.network.down,
})
