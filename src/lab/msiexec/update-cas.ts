import { DiskFull } from '../world/file-system.js'
import type { LabServer } from '../world/lab-server.js'
import { installPath, setupLogs } from '../world/windows-places.js'
import { addToSetupLog } from './setup-log.js'

export const updateCasLog = `${setupLogs}\\UpdateCas.log`

/**
 * UpdateCas.ps1: brings OWA's folder to the new build. It asks Active Directory for this server, traps every error, writes it to its log
 * and ends as if nothing had happened (exchange.md 0, fact 5).
 */
export function updateCas(server: LabServer, build: string): void {
  const say = (...texts: string[]): void => addToSetupLog(server, updateCasLog, ...texts)
  say('***********************************************', 'UpdateCas.ps1 started', `Updating OWA/ECP to ${build}`)
  if (server.network.directoryFails()) {
    say(
      `Error updating OWA/ECP: The operation couldn't be performed because object '${server.computerName}' couldn't be found: Active Directory is not available.`,
    )
    return
  }
  try {
    server.files.write(`${installPath}\\ClientAccess\\Owa\\${build}\\version.txt`, `${build}\r\n`)
  } catch (error) {
    if (!(error instanceof DiskFull)) throw error
    say(`Error updating OWA/ECP: ${error.message}`)
    return
  }
  say(
    `Copied the files of OWA to ${installPath}\\ClientAccess\\Owa\\${build}`,
    'OWA web.config updated',
    'UpdateCas.ps1 completed',
  )
}
