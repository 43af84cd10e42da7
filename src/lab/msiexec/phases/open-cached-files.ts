import { exchange2007, productPackage, type RegisteredPatch, registeredPatches } from '../../world/installed.js'
import { InstallEnd, type Transaction } from '../transaction.js'

/** STG_E_FILENOTFOUND */
const fileNotFound = -2147287038
/** The package that Exchange 2007 was installed from. */
const baseName = 'EXCHANGESERVER.msi'

/**
 * Opens what the product was installed from and every patch it has: the rollup is put together from them (article, Return Value 3 case
 * 3). Throws `InstallEnd` 1612 or 1635 where a cached file is gone, 1610 where the product's registration cannot be read.
 */
export function openCachedFiles(transaction: Transaction): void {
  const path = productPackage(transaction.server)
  if (path === null) unreadable(transaction)
  else openBase(transaction, path)
  const { log } = transaction
  log.engine(
    `APPCOMPAT: looking for appcompat database entry with ProductCode '${exchange2007}'.`,
    'APPCOMPAT: no matching ProductCode found in database.',
    'MSCOREE not loaded loading copy from system32',
  )
  for (const patch of registeredPatches(transaction.server)) openExisting(transaction, patch)
}

/** What the product is registered with is asked for piece by piece, until the engine gives it up. */
function unreadable({ log, server }: Transaction): never {
  for (const { code, localPackage, packageName } of registeredPatches(server)) {
    if (localPackage !== '') continue
    log.engine(
      ...nameless(code, packageName),
      `Could not find source for missing patch ${code} -- orphaning this patch`,
    )
  }
  const text = 'The configuration data for this product is corrupt.  Contact your support personnel.'
  log.engine('Note: 1: 1610')
  log.bare(text, exchange2007)
  throw new InstallEnd(1610, text)
}

function openBase({ log, server }: Transaction, path: string): void {
  if (server.files.exists(path)) {
    log.engine('End dialog not enabled', `Original package ==> ${path}`, `Package we're running from ==> ${path}`)
    return
  }
  log.engine(`Warning: Local cached package '${path}' is missing.`)
  log.engine(...sourceSearch(exchange2007), `SOURCEMGMT: Trying source D:\\.`)
  log.engine(
    `Note: 1: 2203 2: D:\\${baseName} 3: ${fileNotFound}`,
    `SOURCEMGMT: Source is invalid due to missing/inaccessible package.`,
    `Note: 1: 1706 2: -2147483647 3: ${baseName}`,
    'SOURCEMGMT: Processing net source list.',
    'Note: 1: 1402 2: UNKNOWN\\Net 3: 2',
    `Note: 1: 1706 2: -2147483647 3: ${baseName}`,
    'SOURCEMGMT: Processing media source list.',
    `Note: 1: 1706 2: ${exchange2007} 3: ${baseName}`,
    'SOURCEMGMT: Failed to resolve source',
  )
  log.bare(
    'The installation source for this product is not available.  Verify that the source exists and that you can access it.',
    path,
  )
  log.engine('Note: 1: 1708')
  throw new InstallEnd(1612, `${path} is missing`)
}

function openExisting({ log, server }: Transaction, { localPackage, code, packageName }: RegisteredPatch): void {
  if (localPackage === '') {
    log.engine(...nameless(code, packageName))
    throw new InstallEnd(1612, `${code} has no local package`)
  }
  log.engine(`Opening existing patch '${localPackage}'.`)
  if (server.files.exists(localPackage)) return
  log.engine(
    `Note: 1: 2203 2: ${localPackage} 3: ${fileNotFound}`,
    ...patchSearch(localPackage, code, packageName),
    `SOURCEMGMT: Resolved source to: '${packageName}'`,
    `Note: 1: 1314 2: ${packageName}`,
    `Unable to create a temp copy of patch '${packageName}'.`,
  )
  log.bare(
    'This patch package could not be opened.  Verify that the patch package exists and that you can access it, or contact the application vendor to verify that this is a valid Windows Installer patch package.',
    productPackage(server) ?? '',
  )
  log.engine('Note: 1: 1708', 'Note: 1: 2729', 'Note: 1: 2729')
  throw new InstallEnd(1635, `${localPackage} is missing`)
}

/** KB971187: a patch of the product without a registration of its own. */
function nameless(code: string, packageName: string): string[] {
  return [
    ...patchSearch('', code, packageName),
    `Note: 1: 1706 2: ${code} 3: ${packageName}`,
    'SOURCEMGMT: Failed to resolve source',
  ]
}

function patchSearch(localPackage: string, code: string, packageName: string): string[] {
  return [
    `Couldn't find local patch '${localPackage}'. Looking for it at its source.`,
    'Resolving Patch source.',
    ...sourceSearch(code),
    'SOURCEMGMT: Processing net source list.',
    'Note: 1: 1402 2: UNKNOWN\\Net 3: 2',
    `Note: 1: 1706 2: -2147483647 3: ${packageName}`,
    'SOURCEMGMT: Processing media source list.',
  ]
}

/** Article: the engine says "product" for a patch too. */
function sourceSearch(code: string): string[] {
  return [
    "User policy value 'SearchOrder' is 'nmu'",
    "User policy value 'DisableMedia' is 0",
    "Machine policy value 'AllowLockdownMedia' is 0",
    'SOURCEMGMT: Media enabled only if package is safe.',
    `SOURCEMGMT: Looking for sourcelist for product ${code}`,
    `SOURCEMGMT: Adding ${code}; to potential sourcelist list (pcode;disk;relpath).`,
    `SOURCEMGMT: Now checking product ${code}`,
    'SOURCEMGMT: Media is enabled for product.',
    'SOURCEMGMT: Attempting to use LastUsedSource from source list.',
  ]
}
