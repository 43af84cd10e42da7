import type { LabServer } from '../world/lab-server.js'

/** How long it still takes once it is in somebody's way, in server milliseconds. */
const remainingMs = 150_000
const lookMs = 5000

/** Another product's update holds Windows Installer, and is done some minutes after it was first in somebody's way. */
export function startOtherInstallation(server: LabServer): void {
  const other = server.processes.start('msiexec.exe', async killed => {
    try {
      while (server.installsRefused === 0) await server.clock.sleep(lookMs, killed)
      await server.clock.sleep(remainingMs, killed)
      return 0
    } finally {
      if (server.installerMutex?.pid === other.pid) server.installerMutex = undefined
    }
  })
  server.installerMutex = { pid: other.pid }
}
