/** What `exroll lab state --json` prints (product.md, "Lab state"), and how a lab is asked for. */
export const faultNames = [
  'wrong-architecture',
  'interim-update',
  'superseded',
  'crl-unreachable',
  'execution-policy',
  'gpo-execution-policy',
  'not-elevated',
  'missing-cached-patch',
  'missing-cached-package',
  'corruption',
  'services-not-started',
  'services-disabled',
  'poisoned-service-state',
  'owa-broken',
  'service-stop-failed',
  'reboot-required',
  'reboot-mid-install',
  'installer-busy',
  'disk-full',
  'old-powershell',
  'stall',
  'connection-drop',
  'unreachable',
  'auth-failure',
  'host-key-changed',
  'corrupt-transfer',
  'slow',
  'restore-refused',
] as const
export type FaultName = (typeof faultNames)[number]

export interface Fault {
  name: FaultName
  /** Absent: every server it can apply to. */
  server?: string
}

export interface LabOptions {
  servers: number
  seed: number
  faults: Fault[]
  /** Server seconds per real second. Default 60. */
  timeScale: number
  /** How the inventory says that servers are reached; `mixed` = every other server over WinRM. Default ssh. */
  transport?: 'ssh' | 'winrm' | 'mixed'
  /** What answers script calls. Default model; `powershell` runs the very scripts in a PowerShell of this machine. */
  engine?: 'model' | 'powershell'
  /** A keytab of services whose Kerberos tickets the WinRM listeners take: `HTTP/localhost`. */
  keytab?: string
  /** A share that every server reaches, and the folder of this machine that is in it; absent: there is no file server. */
  share?: LabShare
  /** Server seconds an install takes; default drawn from the seed, 10 to 20 minutes. 0 = at once. */
  installSeconds?: number
}

/** A share of the lab's network. */
export interface LabShare {
  /** `\\\\fs01\\updates` */
  unc: string
  folder: string
}

export interface LabServerState {
  digest: string
  writes: number
  installsStarted: number
  build: string
  patches: string[]
  crl: Record<string, number | null>
  serverCertificateRevocation: Record<string, number | null>
  executionPolicy: {
    MachinePolicy: string | null
    UserPolicy: string | null
    CurrentUser: string | null
    LocalMachine: string | null
  }
  installerLogging: { logging: string | null; debug: number | null } | null
  services: { name: string; startType: string; state: string }[]
  cacheFiles: string[]
  tasks: string[]
}

export interface LabState {
  servers: Record<string, LabServerState>
}

/** Answers one exec request of an SSH channel. Returns the exit code; null = the connection was cut under it. */
export interface ExecChannel {
  line: string
  stdin: AsyncIterable<Uint8Array>
  stdout(data: Uint8Array | string): void
  stderr(data: Uint8Array | string): void
  /** Aborted when the channel or connection closes. */
  signal: AbortSignal
  /** Where the command starts and what its environment has besides the account's own. */
  start?: { folder?: string | undefined; variables: ReadonlyMap<string, string> }
}

/** What an endpoint serves: one simulated server seen from the network. */
export interface Host {
  name: string
  /** True when user and password are right. Counts failures. */
  logon(user: string, password: string): boolean
  /** An account's password as its domain controller knows it: NTLM proves it without sending it. Absent: no NTLM. */
  passwordOf?(user: string): string | undefined
  exec(channel: ExecChannel): Promise<number>
  files: HostFiles
  /** How the network in front of this server behaves now. */
  network: HostNetwork
}

export interface HostNetwork {
  /** Refuses connections (unreachable, or rebooting). */
  down: boolean
  /** Real milliseconds added to each round trip, and a cap in bytes per real second; 0 = none. */
  delayMs: number
  bytesPerSecond: number
  /** Called by each endpoint with a function that cuts every open connection; the world calls it to drop them. */
  onCut(cut: () => void): void
  /** True once: the endpoint flips a byte in the next uploaded file. */
  takeDamage(): boolean
}

/** The server's file system over Windows paths (`C:\...`, either slash, case-insensitive). Throws `FileMissing` for absence. */
export interface HostFiles {
  read(path: string): Uint8Array
  /** In hex, lower case. */
  sha256(path: string): string
  write(path: string, data: Uint8Array): void
  append(path: string, data: Uint8Array): void
  remove(path: string): void
  rename(from: string, to: string): void
  makeFolder(path: string): void
  list(path: string): { name: string; folder: boolean; bytes: number; modified: Date }[]
  stat(path: string): { folder: boolean; bytes: number; modified: Date } | undefined
}
