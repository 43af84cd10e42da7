import type { X509Certificate } from 'node:crypto'
import { channelBindingHash, serverEndPoint } from '../http/channel-binding.js'
import { bindRequest } from '../kerberos/bind-request.js'
import { KerberosError } from '../kerberos/kerberos-error.js'
import { readApReq } from '../kerberos/messages.js'
import { type CacheOwner, findTicketKey } from '../kerberos/ticket-cache.js'
import { DerError } from '../spnego/der.js'
import type { Unbound } from './logon.js'

/** The token to send: tied to the server's certificate, or as it was and why. */
export type BindingOutcome = { token: Buffer; unbound?: Unbound }

/**
 * Ties a client's first token to the certificate that it saw (RFC 5929 4), which the `kerberos` package cannot: it hands no bindings to
 * GSSAPI or SSPI. Where the ticket's key cannot be had the token stays as it is, which CbtHardeningLevel=Relaxed, the default of WinRM,
 * lets pass.
 */
export async function bindToCertificate(
  request: Buffer,
  certificate: X509Certificate,
  owner: CacheOwner,
  platform = process.platform,
): Promise<BindingOutcome> {
  if (platform === 'win32') {
    const why = 'Windows keeps the keys of its tickets to itself, and the kerberos package hands no binding to it'
    return { token: request, unbound: { why, fix: 'scheme: http seals every message, and needs no binding.' } }
  }
  try {
    const key = await findTicketKey(readApReq(request).ticket.bytes, owner)
    return { token: bindRequest(request, key, hashOf(serverEndPoint(certificate))) }
  } catch (error) {
    if (error instanceof KerberosError || error instanceof DerError) {
      const fix =
        'Keep the tickets in a file with AES keys (export KRB5CCNAME=FILE:/tmp/exroll-tickets, then kinit), ' +
        'or use scheme: http, which seals every message.'
      return { token: request, unbound: { why: error.message, fix } }
    }
    throw error
  }
}

/** Throws `KerberosError` where Node has no MD5: in FIPS mode, in which all else of Kerberos works. */
function hashOf(binding: Buffer): Buffer {
  try {
    return channelBindingHash(binding)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new KerberosError(`this Node has no MD5, which bindings are hashed with: ${reason}`)
  }
}
