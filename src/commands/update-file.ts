import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { UsageError } from '../errors.js'
import type { Playbook } from '../playbook/model.js'
import { readPackage } from '../products/package.js'
import type { RunPackage } from '../run/context.js'

/**
 * The playbook's update, read and checked against its sha256: the right bytes or nothing. Only a real run needs the sha256 to be there
 * (product.md, "Playbook"). Throws `UsageError` PACKAGE_MISSING, PACKAGE_HASH_MISSING, PACKAGE_HASH or PACKAGE_INVALID.
 */
export function readUpdate(playbook: Playbook, { dryRun = false }: { dryRun?: boolean } = {}): RunPackage {
  const { update } = playbook
  if (update === undefined) {
    throw new UsageError(`${playbook.file}: no update is named`, {
      code: 'PACKAGE_MISSING',
      hint: 'Write update: { file: ..., sha256: ... }.',
    })
  }
  let bytes: Buffer
  try {
    bytes = readFileSync(update.file)
  } catch (error) {
    throw new UsageError(`the update ${update.file} cannot be read: ${(error as Error).message}`, {
      code: 'PACKAGE_MISSING',
      hint: `Correct update.file in ${playbook.file}; it is taken from the playbook's folder.`,
      cause: error,
    })
  }
  const info = readPackage(basename(update.file), bytes)
  if (update.sha256 === undefined) {
    if (dryRun) return { info, file: update.file }
    throw new UsageError(`${playbook.file}: update.sha256 is missing`, {
      code: 'PACKAGE_HASH_MISSING',
      hint: `A real run needs it. If this is the file you mean, write sha256: ${info.sha256}`,
    })
  }
  if (update.sha256.toLowerCase() !== info.sha256) {
    throw new UsageError(`${update.file} is not the file the playbook names: its SHA-256 is ${info.sha256}`, {
      code: 'PACKAGE_HASH',
      hint: `The playbook says ${update.sha256}. Download the update again, or correct the playbook.`,
    })
  }
  return { info, file: update.file }
}
