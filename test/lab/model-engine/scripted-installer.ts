import type { LabServer } from '../../../src/lab/world/lab-server.js'
import type { LabProcess } from '../../../src/lab/world/process-table.js'

/** What stands in for msiexec.exe: a test says what it does and how it ends. */
type Script = (server: LabServer, signal: AbortSignal, logPath: string) => Promise<number>

let script: Script = async () => 0
const asked = new Set<number>()

/** What the next installers of this test file do. */
export function installs(next: Script): void {
  script = next
  asked.clear()
}

/** True once the installer was asked to end. */
export function wasAsked(): boolean {
  return asked.size > 0
}

export function startInstaller(server: LabServer, { logPath }: { logPath: string }): LabProcess {
  const process = server.processes.start('msiexec.exe', async signal => {
    server.installsStarted += 1
    server.installerMutex = { pid: process.pid }
    try {
      return await script(server, signal, logPath)
    } finally {
      server.installerMutex = undefined
    }
  })
  return process
}

export function askToEnd(process: LabProcess): void {
  asked.add(process.pid)
}

/** A verbose log's text as Windows Installer writes it. */
export function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le')
}
