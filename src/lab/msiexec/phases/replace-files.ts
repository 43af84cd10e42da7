import { installedExchange } from '../../world/installed.js'
import { exSetup, inProgressFile, inProgressKey, sessionManager } from '../../world/windows-places.js'
import { isExSetup, type PayloadFile } from '../payload.js'
import type { Transaction } from '../transaction.js'

/** How often the installer asks again for a file that somebody holds. */
const heldLookMs = 5000

/** From here on there is something to undo: the transaction's marks are set (windows-target.md, `InProgress`). */
export function beginScript({ log, server }: Transaction): void {
  server.files.write(inProgressFile, installedExchange(server)?.build ?? '')
  server.registry.set(inProgressKey, '', inProgressFile)
  log.engine(
    "Machine policy value 'AlwaysInstallElevated' is 0",
    'BeginTransaction: Locking Server',
    'SRSetRestorePoint skipped for this transaction.',
    `Server not locked: locking for product {24B2C164-DE66-44FE-B468-A46D9D5E6B31}`,
  )
}

/**
 * Carries the script out. A file that somebody holds and does not let go of is waited for, for ever; one that a running program has
 * mapped is replaced when Windows starts next.
 */
export async function replaceFiles(transaction: Transaction): Promise<void> {
  const { payload, log, server, patch } = transaction
  transaction.operation('ProcessComponents', 'Updating component registration')
  await transaction.spend(0.08, payload.map(registerComponent))
  transaction.operation('InstallFiles', 'Copying new files')
  const half = payload.findIndex(isExSetup) + 1
  await copy(transaction, payload.slice(0, half))
  server.files.write(exSetup, patch.build ?? '')
  server.network.falter()
  server.sufferRestart()
  await copy(transaction, payload.slice(half))
  log.engine('Executing op: CacheSizeFlush(,)')
}

async function copy(transaction: Transaction, files: readonly PayloadFile[]): Promise<void> {
  const { log, server, payload } = transaction
  const part = (some: readonly PayloadFile[]): Promise<void> =>
    transaction.spend(
      (0.6 * some.length) / payload.length,
      some.flatMap(file => copyLines(transaction, file)),
    )
  const heldAt = files.findIndex(file => server.files.isHeld(pathOf(file)))
  const held = files[heldAt]
  if (held === undefined) return part(files)
  await part(files.slice(0, heldAt))
  log.engine(`Verifying accessibility of file: ${held.name}`)
  while (server.files.isHeld(pathOf(held))) await transaction.wait(heldLookMs)
  await part(files.slice(heldAt))
}

function registerComponent({ componentId, folder, name }: PayloadFile): string {
  return `Executing op: ComponentRegister(ComponentId=${componentId},KeyPath=${folder}\\${name},State=3,,Disk=1,SharedDllRefCount=0,BinaryType=1)`
}

function copyLines(transaction: Transaction, file: PayloadFile): string[] {
  const { bytes, key, name } = file
  return [
    `Executing op: FileCopy(SourceName=${name},SourceCabKey=${key},DestName=${name},Attributes=512,FileSize=${bytes},PerTick=65536,,VerifyMedia=1,,,,,CheckCRC=0,Version=${transaction.patch.build ?? ''},Language=0,InstallMode=59310080,,,,,,,)`,
    `File: ${pathOf(file)};\tOverwrite;\tWon't patch;\tExisting file is a lower version`,
    `Source for file '${key}' is compressed`,
    ...(transaction.server.files.isPinned(pathOf(file)) ? replaceLater(transaction, file) : []),
    'Re-applying security from existing file.',
    `Verifying accessibility of file: ${name}`,
  ]
}

/** The new file waits under another name for the next start of Windows (msi-log-format.md, "Restart lines"). */
function replaceLater(transaction: Transaction, file: PayloadFile): string[] {
  const { registry } = transaction.server
  const path = pathOf(file)
  const waiting = `C:\\Config.Msi\\${transaction.cachedName.replace(/\.msp$/, '.rbf')}`
  const before = registry.get(sessionManager, 'PendingFileRenameOperations')
  registry.set(sessionManager, 'PendingFileRenameOperations', [
    ...(Array.isArray(before) ? before : []),
    `\\??\\${waiting}`,
    `!\\??\\${path}`,
  ])
  transaction.restartOwed = true
  return [
    `Info 1603. The file ${path} is being held in use by the following process: Name: w3wp, Id: 3456, Window Title: '(not determined yet)'. Close that application and retry.`,
    `Info 1903. Scheduling reboot operation: Renaming file ${waiting} to ${path}. Must reboot to complete operation.`,
  ]
}

function pathOf({ folder, name }: PayloadFile): string {
  return `${folder}\\${name}`
}
