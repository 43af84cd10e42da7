import type { Cluster, Role, TransportName } from '../inventory/model.js'

/** How a source says to log on. Never a secret: an inventory holds where one comes from. */
export interface DiscoveredLogon {
  /** `DOMAIN\user`, `user@domain` or a local name. */
  username: string
  /** A private key for SSH. */
  keyFile?: string
}

/** A server as a source knows it. What the source does not say is absent, and then changes nothing in an inventory. */
export interface DiscoveredServer {
  name: string
  host: string
  /** At least one. */
  roles: Role[]
  site?: string
  cluster?: Cluster
  transport?: TransportName
  port?: number
  winrm?: { scheme?: 'http' | 'https'; auth?: 'kerberos' }
  logon?: DiscoveredLogon
  /** `8.1.240.6`. */
  version?: string
}

export interface Discovery {
  /** Where it comes from, for people: `Get-ExchangeServer`. */
  source: string
  servers: DiscoveredServer[]
  /** What the source holds and an inventory cannot take over, and why; a sentence each. */
  notes: string[]
}
