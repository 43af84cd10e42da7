import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { makeFleet } from '../../../src/lab/fleet.js'
import { startInstaller } from '../../../src/lab/msiexec/msiexec.js'
import { LabClock } from '../../../src/lab/world/clock.js'
import type { LabServer } from '../../../src/lab/world/lab-server.js'
import { systemSid } from '../../../src/lab/world/windows-places.js'

const packageName = 'Exchange2007-KB952580-x64-EN.msp'
export const packageBytes = readFileSync(join(import.meta.dirname, '../../../updates', packageName))
export const packagePath = `C:\\ProgramData\\exroll\\packages\\01234567\\${packageName}`
export const logPath = 'C:\\ProgramData\\exroll\\runs\\one\\952580.log'

export interface FleetOptions {
  servers?: number
  seed?: number
  installSeconds?: number
  timeScale?: number
}

/** Servers of a made-up fleet with the package and the log's folder on their disks; gone with the test. */
export function servers({
  servers = 8,
  seed = 7,
  installSeconds = 0,
  timeScale = 5000,
}: FleetOptions = {}): LabServer[] {
  const spillFolder = mkdtempSync(join(tmpdir(), 'exroll-msiexec-'))
  const clock = new LabClock(timeScale)
  const made = makeFleet({ servers, seed, installSeconds }, { clock, spillFolder }).map(({ server }) => server)
  for (const server of made) {
    server.files.write(packagePath, packageBytes)
    server.files.makeFolder('C:\\ProgramData\\exroll\\runs\\one')
  }
  onTestFinished(() => {
    for (const server of made) server.close()
    rmSync(spillFolder, { recursive: true, force: true })
  })
  return made
}

/** The first server of a fleet that has the role. */
export function serverOf(role: string, options: FleetOptions = {}): LabServer {
  const found = servers(options).find(({ roles }) => roles.includes(role))
  if (found === undefined) throw new Error(`no ${role} in the fleet`)
  return found
}

/** Installs the package as SYSTEM. Null when the process was killed. */
export function install(server: LabServer): Promise<number | null> {
  return startInstaller(server, { packagePath, logPath, sid: systemSid }).ended
}

/** The verbose log without its byte order mark, as lines. */
export function logLines(server: LabServer): string[] {
  const bytes = server.files.read(logPath)
  if (bytes[0] !== 0xff || bytes[1] !== 0xfe) throw new Error('the log has no byte order mark')
  return bytes.subarray(2).toString('utf16le').split('\r\n')
}

/** Waits until the last line of the log holds the words: the installer has got there, and waits itself. */
export async function reached(server: LabServer, words: string): Promise<void> {
  for (;;) {
    if (server.files.exists(logPath) && logLines(server).at(-2)?.includes(words) === true) return
    await server.clock.sleep(10_000)
  }
}

export function eventIds(server: LabServer): number[] {
  return server.events.entries.filter(({ source }) => source === 'MsiInstaller').map(({ id }) => id)
}
