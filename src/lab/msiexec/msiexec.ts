import { basename } from 'node:path/win32'
import { UsageError } from '../../errors.js'
import type { PackageInfo } from '../../products/model.js'
import { readPackage } from '../../products/package.js'
import type { LabServer } from '../world/lab-server.js'
import type { LabProcess } from '../world/process-table.js'
import type { SeededRandom } from '../world/seeded-random.js'
import { install } from './install.js'
import { payloadFiles } from './payload.js'
import { Transaction } from './transaction.js'
import { type EngineIds, VerboseLog } from './verbose-log.js'

export interface InstallerOptions {
  /** Full path of the .msp on the server. */
  packagePath: string
  /** Where the verbose log goes; its folder must exist. */
  logPath: string
  /** SID of the account that msiexec runs as: its revocation setting and its scripts' policy count. */
  sid: string
}

/** Exit codes before a transaction begins (exchange.md 3.5). */
const exitCodes = { busy: 1618, noLog: 1622, cannotOpen: 1635, invalid: 1636 } as const

/** Files of a rollup; an install that takes no time stands for a small one, and its log is as short. */
const rollupFiles = { least: 2750, most: 3150, small: 24 } as const

/** Who was asked to end, by process. */
const endings = new WeakMap<LabProcess, AbortController>()

/**
 * Starts `msiexec.exe /update <package> /quiet /norestart /lxv* <log>` on a server. The process's exit code is msiexec's; it is null
 * when the process was killed, and then nothing was undone.
 */
export function startInstaller(server: LabServer, options: InstallerOptions): LabProcess {
  const asked = new AbortController()
  const process = server.processes.start('msiexec.exe', killed => run(server, options, process, killed, asked.signal))
  endings.set(process, asked)
  return process
}

/** Asks an installer to end: it rolls back and ends with 1602, as when its user cancels. Nothing happens to another's process. */
export function askToEnd(process: LabProcess): void {
  endings.get(process)?.abort()
}

async function run(
  server: LabServer,
  { packagePath, logPath, sid }: InstallerOptions,
  { pid }: LabProcess,
  killed: AbortSignal,
  asked: AbortSignal,
): Promise<number> {
  if (!server.files.exists(logPath.replace(/\\[^\\]*$/, ''))) return exitCodes.noLog
  if (server.installerMutex !== undefined) {
    server.installsRefused += 1
    return exitCodes.busy
  }
  const random = server.random('msiexec')
  const log = new VerboseLog(server, logPath, engineIds(random))
  const patch = openPackage(server, packagePath)
  if (typeof patch === 'number') {
    refuse(log, packagePath, patch)
    return patch
  }
  const files = server.installSeconds === 0 ? rollupFiles.small : random.between(rollupFiles.least, rollupFiles.most)
  server.installsStarted += 1
  server.installerMutex = { pid }
  try {
    const payload = payloadFiles(files)
    return await install(new Transaction({ server, log, patch, packagePath, sid, payload, random, killed, asked }))
  } finally {
    if (server.installerMutex?.pid === pid) server.installerMutex = undefined
  }
}

function openPackage({ files }: LabServer, path: string): PackageInfo | number {
  if (!files.exists(path)) return exitCodes.cannotOpen
  try {
    return readPackage(basename(path), files.read(path))
  } catch (error) {
    if (error instanceof UsageError) return exitCodes.invalid
    throw error
  }
}

function refuse(log: VerboseLog, packagePath: string, code: number): void {
  log.client('Resetting cached policy values')
  log.bare(
    code === exitCodes.invalid
      ? 'This patch package could not be opened.  Contact the application vendor to verify that this is a valid Windows Installer patch package.'
      : 'This patch package could not be opened.  Verify that the patch package exists and that you can access it, or contact the application vendor to verify that this is a valid Windows Installer patch package.',
    packagePath,
  )
  log.client(`MainEngineThread is returning ${code}`)
  log.close()
}

/** The low bytes of ids that Windows gives out: they say nothing, and are the same for the same seed. */
function engineIds(random: SeededRandom): EngineIds {
  const id = (): string => (random.between(1, 63) * 4).toString(16).toUpperCase().padStart(2, '0')
  return { client: id(), clientThread: id(), server: id(), serverThread: id(), customThread: id() }
}
