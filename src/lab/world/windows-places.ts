/** Where things stand in a server's registry and on its disk, with the source of each fact. */
export const systemSid = 'S-1-5-18'

/** exchange.md 3.1: per account, `State`. */
export function softwarePublishing(sid: string): string {
  return `HKU\\${sid}\\Software\\Microsoft\\Windows\\CurrentVersion\\WinTrust\\Trust Providers\\Software Publishing`
}

/** exchange.md 3.1: per account, `CertificateRevocation`. */
export function internetSettings(sid: string): string {
  return `HKU\\${sid}\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings`
}

/** exchange.md 3.2: `ExecutionPolicy` of the scope LocalMachine, in both views. */
export const shellPolicy = 'HKLM\\SOFTWARE\\Microsoft\\PowerShell\\1\\ShellIds\\Microsoft.PowerShell'

/** exchange.md 3.2: `ExecutionPolicy` of the scope CurrentUser. */
export function userShellPolicy(sid: string): string {
  return `HKU\\${sid}\\Software\\Microsoft\\PowerShell\\1\\ShellIds\\Microsoft.PowerShell`
}

/** exchange.md 3.2: `ExecutionPolicy` set by Group Policy for the machine. */
export const machinePolicy = 'HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\PowerShell'

/** The same for an account. */
export function userPolicy(sid: string): string {
  return `HKU\\${sid}\\Software\\Policies\\Microsoft\\Windows\\PowerShell`
}

/** One key a profile, by SID, with `ProfileImagePath`. */
export const profileList = 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList'

/** `DisableDomainCreds`: the policy "Do not allow storage of passwords and credentials for network authentication". */
export const credentialPolicy = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa'

/** exchange.md 3.3: `Logging` and `Debug`. */
export const installerPolicy = 'HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\Installer'

/** There while a Windows Installer transaction goes on (windows-target.md). */
export const inProgressKey = 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Installer\\InProgress'

/** exchange.md 3.6: `PendingFileRenameOperations`, what Windows does with files before anything runs. */
export const sessionManager = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager'

/** exchange.md 2.6: values `MsiInstallPath`, `MsiProductMajor`, ...; the lab's own `Architecture` stands beside them. */
export const setupKey = 'HKLM\\SOFTWARE\\Microsoft\\Exchange\\Setup'

/** exchange.md 2.4: one key a role that is installed. */
export const roleKeys = 'HKLM\\SOFTWARE\\Microsoft\\Exchange\\v8.0'

/** exchange.md 2.6 and 4.1: products with their packed codes, patches below. */
export const installerProducts =
  'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Installer\\UserData\\S-1-5-18\\Products'

/** exchange.md 4.1: `LocalPackage` of each patch by packed code. */
export const installerPatches =
  'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Installer\\UserData\\S-1-5-18\\Patches'

/** exchange.md 4.1: the name a patch came under, `SourceList\PackageName` below the packed code. */
export const installerSources = 'HKLM\\SOFTWARE\\Classes\\Installer\\Patches'

/** exchange.md 4.1: the name a product's package came under, `SourceList\PackageName` below the packed code. */
export const installerProductSources = 'HKLM\\SOFTWARE\\Classes\\Installer\\Products'

export const installerFolder = 'C:\\Windows\\Installer'

/** What an interrupted transaction has to undo; the lab keeps the former build in it. */
export const inProgressFile = `${installerFolder}\\inprogressinstallinfo.ipi`
export const setupLogs = 'C:\\ExchangeSetupLogs'
export const installPath = 'C:\\Program Files\\Microsoft\\Exchange Server'

/** The file whose version is the build (exchange.md 2.6). The lab keeps the version as its content. */
export const exSetup = `${installPath}\\Bin\\ExSetup.exe`

/** exroll's own folder on a server (architecture.md). */
export const stateFolder = 'C:\\ProgramData\\exroll'
