import { Statement } from './literal.js'

export const systemSid = 'S-1-5-18'
export const adminSid = 'S-1-5-21-1-2-3-1108'

/** An account that installs may run as, and where its revocation setting stands while it is logged on. */
export const jobSid = 'S-1-5-21-1-2-3-1109'
export const jobName = 'CONTOSO\\exjob'
export const jobCrl = accountCrl(jobSid)

export function accountCrl(hive: string): string {
  return `HKU\\${hive}\\Software\\Microsoft\\Windows\\CurrentVersion\\WinTrust\\Trust Providers\\Software Publishing|State|64`
}

/** Where settings stand, as the double names a value: `hive\key|name|view`. */
export const places = {
  crl: `HKU\\${systemSid}\\Software\\Microsoft\\Windows\\CurrentVersion\\WinTrust\\Trust Providers\\Software Publishing|State|64`,
  serverCertificates: `HKU\\${systemSid}\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings|CertificateRevocation|64`,
  policy: 'HKLM\\SOFTWARE\\Microsoft\\PowerShell\\1\\ShellIds\\Microsoft.PowerShell|ExecutionPolicy|64',
  policy32: 'HKLM\\SOFTWARE\\Microsoft\\PowerShell\\1\\ShellIds\\Microsoft.PowerShell|ExecutionPolicy|32',
  machinePolicyOn: 'HKLM\\Software\\Policies\\Microsoft\\Windows\\PowerShell|EnableScripts|64',
  machinePolicy: 'HKLM\\Software\\Policies\\Microsoft\\Windows\\PowerShell|ExecutionPolicy|64',
  installerLogging: 'HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\Installer|Logging|64',
} as const

const data = 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Installer\\UserData\\S-1-5-18'
export const packedProduct = '461C2B4266EDEF444B864AD6D9E5B613'
export const packedPatch = '4BE97690D23B01F4889C4392B963C6B5'

/** Exchange 2007 SP1 on a mailbox and client access server, with one rollup (exchange.md 2.6, 4.1, 4.3). */
export const exchangeRegistry: Record<string, string | number> = {
  'HKLM\\SOFTWARE\\Microsoft\\Exchange\\Setup|MsiInstallPath|64': 'C:\\Program Files\\Microsoft\\Exchange Server\\',
  'HKLM\\SOFTWARE\\Microsoft\\Exchange\\v8.0\\MailboxRole|ConfiguredVersion|64': '8.1.240.6',
  'HKLM\\SOFTWARE\\Microsoft\\Exchange\\v8.0\\ClientAccessRole|ConfiguredVersion|64': '8.1.240.6',
  [`${data}\\Products\\${packedProduct}\\InstallProperties|LocalPackage|64`]: 'C:\\Windows\\Installer\\1a2b.msi',
  [`${data}\\Products\\${packedProduct}\\InstallProperties|DisplayName|64`]: 'Microsoft Exchange Server',
  [`${data}\\Products\\${packedProduct}\\Patches\\${packedPatch}|DisplayName|64`]:
    'Update Rollup 2 for Exchange Server 2007 (KB935490) 8.0.711.2',
  [`${data}\\Patches\\${packedPatch}|LocalPackage|64`]: 'C:\\Windows\\Installer\\3c4d.msp',
  [`HKLM\\SOFTWARE\\Classes\\Installer\\Patches\\${packedPatch}\\SourceList|PackageName|64`]:
    'Exchange2007-KB935490-x64-EN.msp',
}

export const exchangeFiles: Record<string, string> = {
  'Program Files/Microsoft/Exchange Server/Bin/ExSetup.exe': '8.1.278.2',
  'Windows/Installer/1a2b.msi': 'msi',
  'Windows/Installer/3c4d.msp': 'msp',
}

export interface ServiceOptions {
  name: string
  displayName?: string
  startType?: string
  state?: string
  dependsOn?: string[]
  /** How many starts end with 1053 first. */
  failures?: number
}

export interface WorldOptions {
  registry?: Record<string, string | number>
  services?: ServiceOptions[]
  osVersion?: string
  is64Bit?: boolean
  elevated?: boolean
  crl?: boolean | null
  folderFault?: string
  /** Somebody puts a file into the state folder while it is made. */
  intruder?: boolean
  freeBytes?: number
  cluster?: object | null
  /** Writes that match this wildcard (`set hive\key|name|view=value`, `remove ...`, `configure NAME`) are refused. */
  refuse?: string
  /** `error`, or `silent`: the write vanishes. */
  refusal?: 'error' | 'silent'
  /** PowerShell: what msiexec does, as its last value the exit code. */
  installer?: string
  /** Looks at the installer that find it still running. */
  hangs?: number
  /** PowerShell that runs at each of them. */
  meanwhile?: string
  /** Accounts besides those that ask, by user name. */
  accounts?: Record<string, { sid: string; administrator?: boolean; password?: string; refusal?: number }>
  /** What is in profiles of accounts that are not logged on: places as in `registry`. */
  profiles?: Record<string, string | number>
  /** Why a profile's file cannot be mounted; empty = it can. */
  hiveFault?: string
  /** How often a mounted file cannot be taken away, because somebody has it open. */
  hiveHeld?: number
  /** What a task of an account comes to before it began, as an HRESULT; 0 = it begins. */
  starts?: number
  /** False: a task that is started does not run. */
  scheduler?: boolean
  /** What lies in the share. */
  shared?: string
  /** Why nobody can read it, as an HRESULT; 0 = everybody can. */
  shareFault?: number
  /** A copy finds no room. */
  diskFull?: boolean
  /** 1: tasks of accounts have a full token; 2: they have not. */
  token?: 1 | 2
  /** The power goes at this call; 0 = never. */
  killAt?: number
  /** From this call on the disk is full, for scripts that `onFullDisk` changed. */
  fullAt?: number
}

export const mailboxServices: ServiceOptions[] = [
  { name: 'MSExchangeIS', displayName: 'Microsoft Exchange Information Store', dependsOn: ['MSExchangeADTopology'] },
  { name: 'MSExchangeADTopology', displayName: 'Microsoft Exchange Active Directory Topology' },
  { name: 'MSExchangeIMAP4', startType: 'Manual', state: 'Stopped' },
  { name: 'W3SVC', startType: 'AutomaticDelayed' },
  { name: 'RemoteRegistry', startType: 'Disabled', state: 'Stopped' },
]

/** The world of a case as the double expects it. */
export function defaultWorld(root: string, options: WorldOptions): Record<string, unknown> {
  const { registry = {}, services = mailboxServices, accounts = {}, ...others } = options
  return {
    root,
    calls: 0,
    killAt: 0,
    fullAt: 1_000_000,
    killed: '',
    installs: 0,
    osVersion: '6.0.6002',
    is64Bit: true,
    elevated: true,
    architecture: 'x64',
    crl: true,
    directory: true,
    folderFault: '',
    intruder: false,
    freeBytes: 50_000_000_000,
    refuse: 'none',
    refusal: 'error',
    installer: '0',
    hangs: 0,
    meanwhile: '',
    scheduler: true,
    accounts: Object.fromEntries(
      Object.entries(accounts).map(([name, account]) => [
        name,
        { administrator: true, password: '', refusal: 0, ...account },
      ]),
    ),
    profiles: {},
    hiveFault: '',
    hiveHeld: 0,
    starts: 0,
    shared: '',
    shareFault: 0,
    diskFull: false,
    token: 1,
    results: {},
    mutex: false,
    inProgress: false,
    logPath: '',
    xml: '',
    boot: 'boot-1',
    uptime: 3_600_000,
    elapsed: 0,
    ownId: 3000,
    lastId: 4000,
    cluster: null,
    processes: new Statement("@{ '3000' = 'start-3000' }"),
    registry,
    services: services.map(({ name, ...service }) => ({
      name,
      displayName: name,
      startType: 'Automatic',
      state: 'Running',
      dependsOn: [],
      failures: 0,
      upAt: 0,
      ...service,
    })),
    tasks: new Statement('[ordered]@{}'),
    deeds: new Statement('[Collections.ArrayList]::new()'),
    events: new Statement('[Collections.ArrayList]::new()'),
    ...others,
  }
}
