import { crlAccess } from '../../model-engine/calls/test-server-readiness.js'
import { askToEnd, startInstaller } from '../../msiexec/msiexec.js'
import { installerInProgress } from '../../world/installed.js'
import type { LabProcess } from '../../world/process-table.js'
import type { WorldCall } from '../world-calls.js'

/** What a process that was ended from outside leaves as its exit code. */
const killedCode = 1

/** Handles of installers: a process that ended is out of the table, its exit code is not forgotten by who started it. */
const installers = new WeakMap<object, Map<number, LabProcess>>()

/** ps-scripts/windows/Installer.ps1. */
export const installerCalls: Record<string, WorldCall> = {
  'Get-OwnProcessId': ({ process }) => process.pid,
  'Get-ProcessStart': ({ server }, id: number) => {
    const found = server.processes.find(id)
    return found === undefined ? null : String(found.startedAt)
  },
  'Start-Installer': ({ server, sid }, packagePath: string, logPath: string) => {
    const installer = startInstaller(server, {
      packagePath: windows(packagePath),
      logPath: windows(logPath),
      sid,
    })
    const known = installers.get(server) ?? new Map<number, LabProcess>()
    installers.set(server, known.set(installer.pid, installer))
    return { id: installer.pid, start: String(installer.startedAt) }
  },
  'Wait-Installer': async ({ server, process }, id: number, milliseconds: number) => {
    const installer = installers.get(server)?.get(id)
    if (installer === undefined) throw new Error(`no installer ${id} was started here`)
    const late = new AbortController()
    const ended = installer.ended.then(code => code ?? killedCode)
    try {
      const signal = AbortSignal.any([late.signal, process.signal])
      return await Promise.race([ended, server.clock.sleep(milliseconds, signal).then(() => null)])
    } finally {
      late.abort()
    }
  },
  'Stop-Installer': ({ server }, id: number, start: string) => {
    const installer = server.processes.find(id)
    if (installer !== undefined && String(installer.startedAt) === start) askToEnd(installer)
  },
  'Test-InstallerMutex': ({ server }) => server.installerMutex !== undefined,
  'Test-InstallerInProgress': ({ server }) => installerInProgress(server),
  'Test-CrlReach': ({ server }) => crlAccess(server),
}

function windows(path: string): string {
  return path.replaceAll('/', '\\')
}
