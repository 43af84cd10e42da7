/** The inventory after defaults, groups and credentials were merged in: what the rest of exroll sees. */
export const roles = ['edge', 'cas', 'hub', 'um', 'mailbox'] as const
export type Role = (typeof roles)[number]

export const transportNames = ['ssh', 'winrm', 'powershell', 'auto'] as const
export type TransportName = (typeof transportNames)[number]

export const clusterTypes = ['ccr', 'scc', 'dag'] as const
export type ClusterType = (typeof clusterTypes)[number]

export interface Cluster {
  type: ClusterType
  name: string
}

/** Where a secret comes from; the secret itself is never in an inventory. Paths are absolute after merging. */
export type SecretSource =
  | { env: string }
  | { file: string }
  | { command: string[] }
  /** PowerShell SecretManagement: the name of a secret, and of its vault where that is not the default one. */
  | { vault: { entry: string; name?: string } }
  | { prompt: true }

export interface Credential {
  name: string
  /** `DOMAIN\user`, `user@domain` or a local name; of a group managed service account it ends in `$`. */
  username: string
  password?: SecretSource
  key?: { file: string; passphrase?: SecretSource }
  /** The operator's own logon: the SSH agent, a Kerberos ticket (winrm), or that of the hosted PowerShell. */
  agent?: boolean
}

export interface SshOptions {
  /** `SHA256:base64`, as `ssh-keygen -lf` prints it. Wins over known_hosts. */
  hostKey?: string
  /** A known_hosts file; default `~/.ssh/known_hosts`. */
  knownHosts?: string
  /** `[user@]host[:port]`. */
  jump?: string
  /** Credential for the jump host; default the server's. */
  jumpCredential?: Credential
  /** Pin for the jump host's key. */
  jumpHostKey?: string
  connectTimeoutMs?: number
  keepAliveMs?: number
}

export interface WinrmOptions {
  scheme?: 'http' | 'https'
  auth?: 'negotiate' | 'kerberos' | 'basic' | 'certificate'
  /** PEM file of the authorities that are believed in place of the system's. */
  ca?: string
  /** SHA-1 or SHA-256 of the server's certificate in hex. Wins over `ca`. */
  fingerprint?: string
  /** The certificate is not looked at: a named exception for one server. */
  unverified?: boolean
  /** Over HTTP what is not sealed may be sent all the same. */
  clearText?: boolean
  /** Service class of the Kerberos name; tried first, then the other. */
  spn?: 'HTTP' | 'WSMAN'
}

/** How `transport: powershell` goes on from the operator's own shell (New-PSSession). */
export interface PowershellOptions {
  over: 'winrm' | 'ssh'
  /** Of New-PSSession -ComputerName; absent: what PowerShell takes by itself, the operator's logon. */
  authentication?: 'negotiate' | 'kerberos' | 'credssp'
  /** Session configuration on the server. */
  configuration?: string
  useSsl?: boolean
  /** SSH subsystem, default `powershell`. */
  subsystem?: string
}

export interface InventoryServer {
  name: string
  host: string
  /** Port of the transport. Default 22 for ssh. */
  port: number
  transport: TransportName
  roles: Role[]
  groups: string[]
  site?: string
  internetFacing: boolean
  cluster?: Cluster
  credential: Credential
  ssh: SshOptions
  winrm: WinrmOptions
  powershell?: PowershellOptions
}

export interface Inventory {
  /** Absolute path of the file it came from. */
  file: string
  /** Also those that no server names. */
  credentials: Credential[]
  servers: InventoryServer[]
}
