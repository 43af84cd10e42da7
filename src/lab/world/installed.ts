import { packGuid, unpackGuid } from '../../products/packed-guid.js'
import type { LabServer } from './lab-server.js'
import {
  exSetup,
  inProgressKey,
  installerFolder,
  installerPatches,
  installerProductSources,
  installerProducts,
  installerSources,
  roleKeys,
  setupKey,
} from './windows-places.js'

/** A patch as Windows Installer has it registered. */
export interface RegisteredPatch {
  /** `{GUID}` */
  code: string
  displayName: string
  /** The name the package came under. */
  packageName: string
  /** Full path of the cached copy that the registry names; it may be gone. */
  localPackage: string
}

/** Exchange 2007's product code (exchange.md 2.6). */
export const exchange2007 = '{24B2C164-DE66-44FE-B468-A46D9D5E6B31}'

const productKey = `${installerProducts}\\${packGuid(exchange2007)}`

/** exroll's word for a role, and its key's name (exchange.md 2.4). */
const roleNames: Record<string, string> = {
  edge: 'EdgeTransportRole',
  cas: 'ClientAccessRole',
  hub: 'HubTransportRole',
  um: 'UnifiedMessagingRole',
  mailbox: 'MailboxRole',
}

export interface InstalledExchange {
  productCode: string
  /** File version of ExSetup.exe. */
  build: string
  architecture: 'x64' | 'x86'
}

/** Writes down that Exchange is installed; `productPackage` is the cached .msi's name. */
export function registerExchange(
  server: LabServer,
  { build, architecture }: Omit<InstalledExchange, 'productCode'>,
  productPackage: string,
): void {
  const { registry, files } = server
  registry.set(setupKey, 'MsiInstallPath', `${exSetup.replace(/\\Bin\\.*$/, '')}\\`)
  registry.set(setupKey, 'MsiProductMajor', 8)
  registry.set(setupKey, 'MsiProductMinor', Number(build.split('.')[1]))
  registry.set(setupKey, 'Architecture', architecture)
  for (const role of server.roles) registry.set(`${roleKeys}\\${roleNames[role]}`, 'ConfiguredVersion', '8.1.240.6')
  registry.set(`${productKey}\\InstallProperties`, 'DisplayName', 'Microsoft Exchange Server')
  registry.set(`${productKey}\\InstallProperties`, 'DisplayVersion', '8.1.240.6')
  registry.set(`${productKey}\\InstallProperties`, 'LocalPackage', `${installerFolder}\\${productPackage}`)
  registry.set(`${installerProductSources}\\${packGuid(exchange2007)}\\SourceList`, 'PackageName', 'EXCHANGESERVER.msi')
  files.write(exSetup, build)
}

/** Null when Exchange is not registered, or its registration cannot be read. */
export function installedExchange(server: LabServer): InstalledExchange | null {
  const architecture = server.registry.text(setupKey, 'Architecture')
  if (architecture === null || !server.files.exists(exSetup)) return null
  return {
    productCode: exchange2007,
    build: server.files.text(exSetup),
    architecture: architecture === 'x86' ? 'x86' : 'x64',
  }
}

/** Full path of the product's cached .msi as the registry names it; null when the registration cannot be read. */
export function productPackage(server: LabServer): string | null {
  return server.registry.text(`${productKey}\\InstallProperties`, 'LocalPackage')
}

/** Registers a patch of Exchange, as Windows Installer does at the end of an install (exchange.md 2.6, 4.1). */
export function registerPatch(
  server: LabServer,
  { code, displayName, packageName, localPackage }: RegisteredPatch,
): void {
  const packed = packGuid(code)
  const { registry } = server
  registry.set(`${productKey}\\Patches\\${packed}`, 'DisplayName', displayName)
  registry.set(`${productKey}\\Patches\\${packed}`, 'Installed', '20081007')
  registry.set(`${productKey}\\Patches\\${packed}`, 'State', 1)
  registry.set(`${installerPatches}\\${packed}`, 'LocalPackage', localPackage)
  registry.set(`${installerSources}\\${packed}\\SourceList`, 'PackageName', packageName)
}

/** Somebody cleaned the registry up: the product no longer names its package, and its patches lead nowhere (article, Return Value 3 case 4). */
export function damageRegistration(server: LabServer): void {
  server.registry.delete(`${productKey}\\InstallProperties`, 'LocalPackage')
  for (const { code } of registeredPatches(server)) server.registry.deleteKey(`${installerPatches}\\${packGuid(code)}`)
}

/** Every patch of Exchange, in the order they were installed. */
export function registeredPatches(server: LabServer): RegisteredPatch[] {
  const { registry } = server
  return registry.subkeys(`${productKey}\\Patches`).map(packed => ({
    code: unpackGuid(packed),
    displayName: registry.text(`${productKey}\\Patches\\${packed}`, 'DisplayName') ?? '',
    packageName: registry.text(`${installerSources}\\${packed}\\SourceList`, 'PackageName') ?? '',
    localPackage: registry.text(`${installerPatches}\\${packed}`, 'LocalPackage') ?? '',
  }))
}

/** `KB952580` of a display name; null when it has none. */
export function kbOf(displayName: string): string | null {
  return /KB\d{5,8}/i.exec(displayName)?.[0].toUpperCase() ?? null
}

/** Interim updates are private fixes between two rollups (article, Common 2; exchange.md 2.7). */
export function isInterim(displayName: string): boolean {
  return /\bInterim Update\b/i.test(displayName)
}

/** A Windows Installer transaction goes on on this server. */
export function installerInProgress(server: LabServer): boolean {
  return server.registry.has(inProgressKey)
}
