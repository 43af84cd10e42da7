import type { X509Certificate } from 'node:crypto'
import type { HttpAnswer } from '../http/http-connection.js'
import type { Sealing } from '../sealing/sealing.js'

/** What a logon leaves behind on its connection. */
export interface Logon {
  /** For every request: the connection itself is not logged on. */
  authorization?: string
  /** Present after Negotiate and Kerberos. Used over HTTP; TLS does it over HTTPS. */
  sealing?: Sealing
  /** Over TLS: why a ticket is not tied to the server's certificate. Absent where it is. */
  unbound?: Unbound
}

/** Why no channel binding was sent, and how to send one, or do without. */
export interface Unbound {
  /** Part of a sentence. */
  why: string
  fix: string
}

/** A connection on which a logon goes on. */
export interface LogonConnection {
  /** `host:port`, for messages. */
  where: string
  host: string
  /** The server's, over TLS. */
  certificate?: X509Certificate | undefined
  /** POSTs nothing, with this Authorization header. */
  ask(authorization: string): Promise<HttpAnswer>
}

/** How one kind of credential logs on. Sends a password or a proof of it at most once; throws `AuthError` or `ConnectError`. */
export interface LogonMethod {
  /** As the inventory says it. */
  readonly name: 'negotiate' | 'kerberos' | 'basic' | 'certificate'
  logOn(connection: LogonConnection): Promise<Logon>
}
