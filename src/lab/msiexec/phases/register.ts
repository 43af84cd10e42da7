import { registerPatch } from '../../world/installed.js'
import { inProgressFile, inProgressKey, installerFolder } from '../../world/windows-places.js'
import type { Transaction } from '../transaction.js'

/** The end of the script: the patch keeps a copy of its package under a name of its own, and is written into the registry. */
export function register(transaction: Transaction): void {
  const { log, packagePath, patch, server } = transaction
  const localPackage = `${installerFolder}\\${transaction.cachedName}`
  transaction.operation('RegisterProduct', 'Registering product')
  log.engine(
    `Executing op: PatchRegister(PatchId=${patch.patchCode},TransformList=:EXS1to4;:#EXS1to4,DisplayName=${patch.displayName},)`,
    `Executing op: PatchCache(PatchId=${patch.patchCode},PatchPath=${localPackage})`,
  )
  server.files.copy(packagePath, localPackage)
  registerPatch(server, {
    code: patch.patchCode,
    displayName: patch.displayName,
    packageName: patch.name,
    localPackage,
  })
  log.engine('Executing op: End(Checksum=0,ProgressTotalHDWord=0,ProgressTotalLDWord=0)')
  endScript(transaction)
}

/** Nothing is left to undo. */
export function endScript({ log, server }: Transaction): void {
  if (server.files.exists(inProgressFile)) server.files.remove(inProgressFile)
  server.registry.deleteKey(inProgressKey)
  log.engine('Note: 1: 2318 2: ', 'Unlocking Server', 'SRSetRestorePoint skipped for this transaction.')
}
