import type { LabServer } from './lab-server.js'

/** As shutdown.exe /r does: says so in the System log, and restarts after the delay. Asked twice before that, the server restarts once. */
export function scheduleRestart(server: LabServer, delaySeconds: number, comment: string): void {
  const { bootId } = server
  server.events.write({
    log: 'System',
    source: 'USER32',
    id: 1074,
    level: 'Information',
    text: `The process shutdown.exe has initiated the restart of computer ${server.computerName} on behalf of user EXLAB\\exadmin: ${comment}`,
  })
  const restart = async (): Promise<void> => {
    await server.clock.sleep(delaySeconds * 1000)
    if (server.bootId === bootId) await server.reboot()
  }
  restart().catch(() => undefined)
}
