import { exchange2007 } from '../world/installed.js'
import { installPath } from '../world/windows-places.js'
import { packageMessages } from './messages.js'
import { productVersion } from './phases/open-patch.js'
import type { Transaction } from './transaction.js'

/** The properties at the end of a verbose log; the texts that the package could have shown are among them (article, red herrings). */
export function propertyDump({ log, patch, packagePath, server, payload }: Transaction): void {
  const properties: [string, string][] = [
    ['UpgradeCode', '{F0D1DBB7-1B9F-4E2E-8C2C-5A3D6B6C4E21}'],
    ['ProductCode', exchange2007],
    ['ProductVersion', productVersion],
    ['ProductName', 'Microsoft Exchange Server'],
    ['ProductLanguage', '1033'],
    ['Manufacturer', 'Microsoft Corporation'],
    ['INSTALLLEVEL', '1'],
    ['ARPNOMODIFY', '1'],
    ['MsiNTProductType', '3'],
    ['ServicePackLevel', '2'],
    ['VersionNT', '600'],
    ['VersionNT64', '600'],
    ['VersionMsi', '4.05'],
    ['ComputerName', server.computerName],
    ['LogonUser', 'SYSTEM'],
    ['AdminUser', '1'],
    ['Privileged', '1'],
    ['UILevel', '2'],
    ['REBOOT', 'ReallySuppress'],
    ['PATCH', packagePath],
    ['REINSTALL', 'ALL'],
    ['REINSTALLMODE', 'omus'],
    ['MsiPatchRemovalList', ''],
    ['PATCHNEWPACKAGECODE', patch.patchCode],
    ['INSTALLDIR', `${installPath}\\`],
    ['WindowsFolder', 'C:\\Windows\\'],
    ['System64Folder', 'C:\\Windows\\system32\\'],
    ['ProgramFiles64Folder', 'C:\\Program Files\\'],
    ['Wizard', 'Setup Wizard'],
    ['DiskPrompt', 'Exchange Server [1]'],
    ...Object.entries(packageMessages),
    ['CostingComplete', '1'],
    ['OutOfDiskSpace', '0'],
    ['ROOTDRIVE', 'C:\\'],
    ['SourceDir', ''],
    ['ACTION', 'INSTALL'],
  ]
  log.bare(...properties.map(([name, value]) => `Property(S): ${name} = ${value}`))
  log.bare(...payload.slice(0, 200).map(({ component, folder }) => `Property(S): ${component}_DIR = ${folder}\\`))
}
