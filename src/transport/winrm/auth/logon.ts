import type { X509Certificate } from 'node:crypto'
import type { HttpAnswer } from '../http/http-connection.js'
import type { SealedBody, SealedProtocol } from '../http/sealed-body.js'

/** Seals and opens the messages of one connection, in their order. */
export interface Sealing {
  protocol: SealedProtocol
  /** What `plain` holds afterwards is the mechanism's: it may seal the bytes where they stand. */
  seal(plain: Buffer): SealedBody | Promise<SealedBody>
  /** The plain bytes, in the place of the sealed ones where the mechanism can; undefined when the signature is wrong. */
  open(sealed: SealedBody): Buffer | undefined | Promise<Buffer | undefined>
  /** Bytes by which the mechanism may lengthen a message before it seals it. 0 for NTLM. */
  mostPadding: number
}

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
