import type { MissingCacheFile, Readiness } from '../../../scripts/catalog.js'
import { exchange2007, productPackage, registeredPatches } from '../../world/installed.js'
import type { LabServer } from '../../world/lab-server.js'
import { sessionManager, setupLogs } from '../../world/windows-places.js'
import { armedRun, packageFile } from '../run-files.js'
import type { ScriptAnswer } from '../script-call.js'

export const testServerReadiness: ScriptAnswer<'Test-ServerReadiness'> = ({ server, args }) => {
  const { account, files, registry } = server
  const staged = packageFile(args.PackageName, args.PackageSha256)
  return {
    elevated: account.elevated,
    logonNote: account.elevated
      ? 'EXLAB\\exadmin has a full token'
      : 'EXLAB\\exadmin is in Administrators, but this logon got its token without it (User Account Control)',
    freeBytes: files.freeBytes,
    pendingReboot: ['PendingFileRenameOperations', 'PendingFileRenameOperations2'].filter(
      name => registry.get(sessionManager, name) !== undefined,
    ),
    leftoverState: leftoverState(server),
    missingCache: missingCache(server),
    registration: registration(server),
    armedRun: armedRun(server),
    installerBusy: server.installerMutex !== undefined,
    crl: crlAccess(server),
    staged: files.exists(staged) && files.sha256(staged) === args.PackageSha256,
  }
}

/** `Service*.xml` lies there only until a patch has given the services back (exchange.md 0, fact 2). */
export function leftoverState({ files }: LabServer): string[] {
  if (!files.exists(setupLogs)) return []
  return files
    .list(setupLogs)
    .filter(({ name, folder }) => !folder && /^Service.*\.xml$/i.test(name))
    .map(({ name }) => `${setupLogs}\\${name}`)
}

/** Article, Return Value 3 case 3: what the registry names and the Installer folder does not have. */
function missingCache(server: LabServer): MissingCacheFile[] {
  const missing: MissingCacheFile[] = registeredPatches(server)
    .filter(({ localPackage }) => localPackage !== '' && !server.files.exists(localPackage))
    .map(({ code, displayName, packageName, localPackage }) => ({
      kind: 'patch',
      path: localPackage,
      code,
      packageName: packageName === '' ? null : packageName,
      displayName: displayName === '' ? null : displayName,
    }))
  const product = productPackage(server)
  if (product !== null && !server.files.exists(product)) {
    missing.push({
      kind: 'package',
      path: product,
      code: exchange2007,
      packageName: 'EXCHANGESERVER.msi',
      displayName: 'Microsoft Exchange Server',
    })
  }
  return missing
}

function registration(server: LabServer): Readiness['registration'] {
  return {
    productReadable: productPackage(server) !== null,
    danglingPatches: registeredPatches(server)
      .filter(({ localPackage }) => localPackage === '')
      .map(({ code }) => code),
  }
}

/** The answer of an online check of the package's signer; slow is still an answer. */
export function crlAccess({ network }: LabServer): Readiness['crl'] {
  switch (network.crl) {
    case 'reachable':
      return { reachable: true, detail: 'the signer of the package was checked against its revocation list' }
    case 'slow':
      return { reachable: true, detail: 'the revocation list came, after more than ten seconds' }
    case 'unreachable':
      return {
        reachable: false,
        detail: 'CRYPT_E_REVOCATION_OFFLINE (0x80092013): the revocation server was offline',
      }
  }
}
