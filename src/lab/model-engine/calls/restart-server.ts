import type { ScriptAnswer } from '../script-call.js'

/** Says which boot ends, then restarts; the answer is gone before the connection is. */
export const restartServer: ScriptAnswer<'Restart-Server'> = ({ server, args: { Run, DelaySeconds } }) => {
  const { bootId } = server
  server.events.write({
    log: 'System',
    source: 'USER32',
    id: 1074,
    level: 'Information',
    text: `The process shutdown.exe has initiated the restart of computer ${server.computerName} on behalf of user EXLAB\\exadmin: exroll, run ${Run}`,
  })
  const restart = async (): Promise<void> => {
    await server.clock.sleep(DelaySeconds * 1000)
    // Asked twice: it restarts once.
    if (server.bootId === bootId) await server.reboot()
  }
  restart().catch(() => undefined)
  return { bootId }
}
