import type { SettingName, SettingValue } from '../events/event.js'

/**
 * Every script that exroll runs on a server: its parameters and its result. `ps-scripts/server/<name>.ps1` is the script, the
 * lab's model engine answers the same calls. Parameter types: `string`, `int` (whole number), `flag` (0 or 1 on the
 * wire, `[int]` in PowerShell), `strings` (`[string[]]`). All scripts may be called again with the same arguments.
 */
export const scriptParameters = {
  /** Reads only. `JobAccount` is the user name of the account that installs run as; empty for SYSTEM. */
  'Get-ServerFact': { Accounts: 'strings', JobAccount: 'string' },
  /** Reads only. */
  'Test-ServerReadiness': {
    PackageName: 'string',
    PackageSha256: 'string',
    PackageBytes: 'int',
    PatchCode: 'string',
    ProductCodes: 'strings',
  },
  /** Makes the state folder (access list checked) and the package's folder. */
  'Initialize-Package': { Name: 'string', Sha256: 'string' },
  /** Checks the upload's hash on the server and renames it to its final name. */
  'Complete-Package': { Name: 'string', Sha256: 'string' },
  /**
   * Has the server copy the package from `Share` to where an upload goes, by a task of SYSTEM (`Account` empty) or of that account: a session has
   * no credentials for a second computer. Follows the copy for WaitSeconds of server time; called again it finds the one that goes
   * on. Errors: `SHARE_UNREADABLE`, `SHARE_COPY_FAILED`, `SHARE_NAME`, and those of `Test-JobAccount`.
   */
  'Copy-SharedPackage': {
    Run: 'string',
    Name: 'string',
    Sha256: 'string',
    Share: 'string',
    CopyScript: 'string',
    CopySha256: 'string',
    Account: 'string',
    AccountPassword: 'string',
    WaitSeconds: 'int',
  },
  /**
   * Takes the snapshot of this run, once; never overwrites one. `Defaults` is empty but on a server whose start types are poisoned
   * (left-over ServiceState.xml, let through): entries `W3SVC=Automatic`. A service listed there that is Disabled now is recorded with
   * that start type and, if Automatic, as one that ran: its present state is not taken for the truth. `Before` names an earlier attempt,
   * or is empty: what ran before that one and is only stopped now, because it was cut short, is recorded as one that ran.
   */
  'New-Snapshot': { Run: 'string', Accounts: 'strings', Defaults: 'strings', Before: 'string' },
  /** Arms the guard. Refused with `RUN_ARMED` while another run is armed. */
  'Register-Guard': { Run: 'string', LeaseMinutes: 'int', GuardScript: 'string', GuardSha256: 'string' },
  /** Takes the guard's tasks away when all is as in the snapshot; else leaves them and says what is not. */
  'Unregister-Guard': { Run: 'string' },
  /**
   * Proves that an account can run a task here, before anything is changed: registers one, runs it for a moment, takes it away.
   * `AccountPassword` is empty for a group managed service account. Asked again in the same run, the same answer comes without
   * another logon. Errors: `JOB_ACCOUNT_REFUSED`, `JOB_ACCOUNT_BATCH`, `JOB_ACCOUNT_POLICY`, `JOB_ACCOUNT_UNKNOWN`,
   * `JOB_ACCOUNT_RIGHTS`, `JOB_ACCOUNT_UNSUPPORTED`, `JOB_ACCOUNT_FAILED`.
   */
  'Test-JobAccount': { Run: 'string', Account: 'string', AccountPassword: 'string' },
  /**
   * Starts the detached job. Started already, in this run or before: says so, starts nothing. `Account` is empty for SYSTEM; then
   * `AccountPassword` means nothing.
   */
  'Start-InstallJob': {
    Run: 'string',
    JobScript: 'string',
    JobSha256: 'string',
    PackagePath: 'string',
    PackageSha256: 'string',
    /** File name of the verbose log, in the run's folder. */
    LogName: 'string',
    LogSwitch: 'string',
    CrlCheck: 'string',
    ServerCertificateRevocation: 'string',
    ExecutionPolicy: 'string',
    After: 'string',
    /** How long a busy installer (1618) is waited for. */
    BusyMinutes: 'int',
    ServiceTimeoutSeconds: 'int',
    Account: 'string',
    AccountPassword: 'string',
  },
  /** Follows the job: renews the lease, streams what is new, returns at the job's end or after WaitSeconds of server time. */
  'Get-InstallProgress': { Run: 'string', AfterSeq: 'int', LogOffset: 'int', LogLine: 'int', WaitSeconds: 'int' },
  /** Asks the job to end the installer (on_stall: end). Never kills the Windows Installer service. */
  'Stop-InstallJob': { Run: 'string' },
  /** The guard's restore, now: compare and swap, read back. */
  'Restore-ServerState': { Run: 'string', ServiceTimeoutSeconds: 'int' },
  /** Puts start types back from the snapshot and starts, in dependency order, what ran before. */
  'Start-SnapshotService': { Run: 'string', TimeoutSeconds: 'int' },
  'Restart-Server': { Run: 'string', DelaySeconds: 'int' },
  'Get-BootState': {},
  /** Reads only: does the machine's account, which jobs run under, get to Active Directory? */
  'Test-DirectoryReach': {},
  /** `Move-ClusteredMailboxServer`, then waits until it is online on the target. */
  'Move-ClusteredServer': { Name: 'string', TargetNode: 'string', TimeoutSeconds: 'int' },
  /** Reads only: build, patch, services, settings, OWA. */
  'Test-Installation': { Run: 'string', ExpectedBuild: 'string', PatchCode: 'string' },
  /** Lists the logs worth pulling; exports the Application and System events of the run to a file first. */
  'Get-CollectableLog': { Run: 'string', Kinds: 'strings' },
  /** Reads only: what any run of exroll left on this server, whoever started it and wherever its run folder is. */
  'Get-ServerLeftover': {},
  /** Renames the left-over `Service*.xml` of an unfinished patch, so that the next patch does not take them for the truth. */
  'Move-LeftoverState': {},
  /** Removes runs and packages by name where nothing needs them any more; says what it kept, and why. */
  'Remove-ServerLeftover': { Runs: 'strings', Packages: 'strings' },
} as const satisfies Record<string, Record<string, ParameterType>>

export type ParameterType = 'string' | 'int' | 'flag' | 'strings'
type ParameterValue<T> = T extends 'string' ? string : T extends 'int' ? number : T extends 'flag' ? boolean : string[]

export type ScriptName = keyof typeof scriptParameters
export type ScriptArguments<N extends ScriptName> = {
  -readonly [K in keyof (typeof scriptParameters)[N]]: ParameterValue<(typeof scriptParameters)[N][K]>
}

export const startTypes = ['Automatic', 'AutomaticDelayed', 'Manual', 'Disabled', 'Boot', 'System'] as const
export type StartType = (typeof startTypes)[number]
export type ServiceStateName =
  | 'Running'
  | 'Stopped'
  | 'StartPending'
  | 'StopPending'
  | 'Paused'
  | 'PausePending'
  | 'ContinuePending'

export interface ServiceFact {
  name: string
  displayName: string
  startType: StartType
  state: ServiceStateName
  /** Short names of the services it needs. */
  dependsOn: string[]
}

/** The execution policy per scope; null is Undefined. */
export interface ExecutionPolicyFact {
  MachinePolicy: string | null
  UserPolicy: string | null
  CurrentUser: string | null
  LocalMachine: string | null
  /** The 32-bit registry view's own LocalMachine value. */
  LocalMachine32: string | null
}

export interface SettingsFact {
  /**
   * WinTrust `State` by account SID (exchange.md 3.1); null is absence. An account whose part of the registry is not mounted, because
   * it is not logged on, is left out: nothing can be said of it.
   */
  crl: Record<string, number | null>
  /** `CertificateRevocation` of Internet Settings by account SID; null is absence, and who is not mounted is left out. */
  serverCertificateRevocation: Record<string, number | null>
  executionPolicy: ExecutionPolicyFact
  /** The Windows Installer logging policy; null when neither value is there. */
  installerLogging: { logging: string | null; debug: number | null } | null
}

/** The account that installs run as, as one server knows it. */
export interface JobAccountFact {
  /** As it was asked for. */
  name: string
  /** Null: the name means nobody here. */
  sid: string | null
  /** In the local Administrators group, also through others; null: cannot be told without its logon. */
  administrator: boolean | null
  /** Whether its part of the registry is mounted now; only then its settings can be read. */
  mounted: boolean
  /** False: the policy "Do not allow storage of passwords and credentials for network authentication" is on. */
  storesPasswords: boolean
}

export interface InstalledUpdate {
  /** `{GUID}` */
  patchCode: string
  displayName: string
  /** `KB952580`, or null when the display name has none. */
  kb: string | null
  interim: boolean
}

export interface ServerFact {
  computerName: string
  osVersion: string
  powershellVersion: string
  /** The server's clock, ISO 8601 UTC. */
  now: string
  uptimeMs: number
  /** Changes with every boot. */
  bootId: string
  logon: { user: string; sid: string; elevated: boolean }
  /** Null when installs run as SYSTEM. */
  jobAccount: JobAccountFact | null
  exchange: {
    /** `2007`, `2010`, ... */
    generation: string
    installPath: string
    /** File version of ExSetup.exe: the build truth (exchange.md 2.6). */
    build: string
    architecture: 'x64' | 'x86'
    productCode: string
    /** exroll's role words. */
    roles: string[]
  } | null
  updates: InstalledUpdate[]
  settings: SettingsFact
  services: ServiceFact[]
  /** The clustered mailbox server this node can host; `nodes` and `activeNode` are computer names. */
  cluster: {
    type: string
    name: string
    nodes: string[]
    activeNode: string
    isActive: boolean
    healthy: boolean
  } | null
}

export interface MissingCacheFile {
  kind: 'patch' | 'package'
  /** Full path of the file that should be there. */
  path: string
  /** `{GUID}` of the patch, or of the product for a package. */
  code: string
  /** The name the package came under: `Exchange2007-KB935490-x64-EN.msp`. */
  packageName: string | null
  displayName: string | null
}

export interface Readiness {
  elevated: boolean
  /** The account and whether its token is filtered, in words. */
  logonNote: string
  /** Free bytes of the drive that Windows Installer and the state folder are on. */
  freeBytes: number
  /** Names of the registry values that say so: `PendingFileRenameOperations`. */
  pendingReboot: string[]
  /** Left-over `Service*.xml` of an unfinished patch. */
  leftoverState: string[]
  missingCache: MissingCacheFile[]
  registration: { productReadable: boolean; danglingPatches: string[] }
  /** The run that has its guard armed here. */
  armedRun: string | null
  installerBusy: boolean
  /** As the session's account could see it; the job asks again as its own account. */
  crl: { reachable: boolean | null; detail: string }
  /** The package is staged already and its hash is right. */
  staged: boolean
}

export interface SettingChange {
  setting: SettingName
  scope: string
  from: SettingValue
  to: SettingValue
}

export interface ServiceSummary {
  /** Of those that ran when the snapshot was taken. */
  running: number
  expected: number
  down: string[]
}

/** One line of the journal on the server. */
export type JobEntry = { seq: number /** ISO 8601 UTC, server's clock */; at: string } & (
  | { type: 'step'; step: 'settings-on' | 'install' | 'settings-restore'; status: 'started' }
  | {
      type: 'step'
      step: 'settings-on' | 'install' | 'settings-restore'
      status: 'finished'
      outcome: 'ok' | 'changed' | 'failed' | 'skipped'
      error?: { code: string; message: string }
    }
  | ({
      type: 'setting'
      change: 'changed' | 'restored' | 'stuck' | 'foreign'
      by: 'job' | 'guard' | 'call'
    } & SettingChange)
  | { type: 'note'; text: string }
  | { type: 'exit'; code: number }
  | ({ type: 'services' } & ServiceSummary)
  | { type: 'ended'; exitCode: number | null }
  | { type: 'guard'; action: 'armed' | 'restored' | 'stuck' | 'disarmed' }
)

export interface InstallProgress {
  entries: JobEntry[]
  /** `none`: never started; `running`: its process lives; `ended`: it said so; `lost`: started, no process, no end. */
  job: 'none' | 'running' | 'ended' | 'lost'
  /** `_MSIExecute` held, or InProgress there and the log grew lately. */
  installerActive: boolean
  guard: 'none' | 'armed' | 'disarmed'
  uptimeMs: number
  log: {
    /** Bytes of the file now. */
    bytes: number
    /** Where to go on reading, and the number of the last whole line before it. */
    offset: number
    line: number
    /** The newest whole lines since LogOffset, at most 40. */
    tail: { line: number; text: string }[]
    /** Name of the last `Action start`. */
    action: string | null
    /** Server milliseconds since the file last grew. */
    quietMs: number
  } | null
}

export interface CollectableLog {
  kind: string
  name: string
  path: string
  bytes: number
  sha256: string
}

export interface RestoreResult {
  restored: SettingChange[]
  stuck: SettingChange[]
  /** Changed by somebody else since; left alone. */
  foreign: SettingChange[]
  services: ServiceSummary
  disarmed: boolean
}

/** A run that was at this server. */
export interface LeftoverRun {
  run: string
  /** Its guard is armed: it has something to put back, or is at work. */
  armed: boolean
  /** Why nothing may be put back now; '' when it may. */
  busy: string
  /** What it changed and nobody put back: `from` = now, `to` = as it was. Empty for a run that disarmed its guard. */
  outstanding: SettingChange[]
  /** Services that ran before it and do not run now; empty for a run that disarmed its guard. */
  down: string[]
  tasks: string[]
  /** Size of its folder. */
  bytes: number
}

/** A package that was staged on this server. */
export interface LeftoverPackage {
  path: string
  bytes: number
  /** Why Windows Installer may need it again; '' when it does not. */
  neededBy: string
}

export interface ServerLeftover {
  runs: LeftoverRun[]
  packages: LeftoverPackage[]
  /** Full paths of left-over `Service*.xml` of an unfinished patch. */
  leftoverState: string[]
}

export interface ScriptResults {
  'Get-ServerFact': ServerFact
  'Test-ServerReadiness': Readiness
  'Initialize-Package': { present: boolean; uploadPath: string; path: string }
  'Complete-Package': { path: string; sha256: string }
  /** `copied` false: it goes on; `bytes` so far. */
  'Copy-SharedPackage': { copied: boolean; bytes: number }
  'New-Snapshot': { created: boolean; services: ServiceFact[]; settings: SettingsFact }
  'Register-Guard': { armed: boolean; tasks: string[] }
  'Test-JobAccount': { sid: string }
  'Unregister-Guard': { disarmed: boolean; outstanding: SettingChange[]; services: ServiceSummary }
  'Start-InstallJob': { started: boolean; logPath: string }
  'Get-InstallProgress': InstallProgress
  'Stop-InstallJob': { asked: boolean }
  'Restore-ServerState': RestoreResult
  'Start-SnapshotService': {
    restored: SettingChange[]
    stuck: SettingChange[]
    services: ServiceSummary
    started: string[]
    errors: { name: string; message: string }[]
  }
  'Restart-Server': { bootId: string }
  'Get-BootState': { bootId: string; uptimeMs: number; ready: boolean }
  /** `reachable` null: nothing can be said (`detail`). */
  'Test-DirectoryReach': { reachable: boolean | null; detail: string }
  'Move-ClusteredServer': { moved: boolean; activeNode: string; healthy: boolean }
  'Test-Installation': {
    build: string | null
    patchRegistered: boolean
    services: ServiceSummary
    /** Settings and start types that differ from the snapshot: `from` = snapshot, `to` = now. */
    differing: SettingChange[]
    /** Lines of this attempt's UpdateCas.log that start with an error. Empty on servers without the CAS role. */
    owaErrors: string[]
  }
  'Get-CollectableLog': { files: CollectableLog[] }
  'Get-ServerLeftover': ServerLeftover
  /** Full paths as they are now. */
  'Move-LeftoverState': { moved: string[] }
  'Remove-ServerLeftover': { removed: string[]; kept: { name: string; why: string }[] }
}

export type ScriptResult<N extends ScriptName> = ScriptResults[N]

/** What a script reports while it runs: one NDJSON line `{"type":"progress",...}` each. */
export interface ScriptProgress {
  note?: string
  percent?: number
  services?: ServiceSummary
  entry?: JobEntry
}

/**
 * The call as it goes over stdin, ASCII lines ended by LF:
 *
 *     exroll/1 <script name>
 *     sha256 <lower-case hex of the script's UTF-8 text>
 *     script <base64 of the script's UTF-8 text>
 *     arg <name> <base64 of the value's UTF-8 text>        (once per value; `strings` repeat the name)
 *     end
 *
 * The answer on stdout is NDJSON, ASCII with \uXXXX: progress lines, then one envelope
 * `{"type":"result","contract":1,"ok":true,"data":{...}}` or `{...,"ok":false,"error":{"code","message","hint"}}`.
 */
export const contractVersion = 1

/** Whose CRL setting is touched when the job runs as SYSTEM. */
export const systemSid = 'S-1-5-18'
