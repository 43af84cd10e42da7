import { AuthError } from '../../../errors.js'
import { requireAes } from '../kerberos/encryption.js'
import { KerberosError } from '../kerberos/kerberos-error.js'
import {
  keyUsages,
  openPart,
  readApRep,
  readApRepShare,
  readApReq,
  readAuthenticatorShare,
} from '../kerberos/messages.js'
import { type CacheOwner, findTicketKey } from '../kerberos/ticket-cache.js'
import { wrapSealing } from '../kerberos/wrap-sealing.js'
import { WrapTokens } from '../kerberos/wrap-token.js'
import type { SealedProtocol } from '../sealing/sealed-body.js'
import type { Sealing } from '../sealing/sealing.js'
import { DerError } from '../spnego/der.js'

/** The two tokens of a logon that is over. */
export interface KerberosLogonTokens {
  /** With the AP-REQ. */
  request: Buffer
  /** With the AP-REP; undefined when the server sent none. */
  answer: Buffer | undefined
  /** SPNEGO's mechListMIC came with it: the server's first token, so that its messages begin with the next number. */
  mechListSigned: boolean
}

/**
 * Seals by RFC 4121 with the keys of a context that the `kerberos` package made. It cannot itself: kerberos 7.0.0 and before wrap
 * four bytes of SASL in place of the message where GSSAPI is (authenticate_gss_client_wrap: `user` is never null), and gives no keys
 * away. But the key of the ticket stands in the operator's ticket cache, and opens both tokens of the logon, in which client and
 * server told each other the key of the context. Throws `AuthError` KERBEROS_NO_SEALING.
 */
export async function ticketSealing(
  { request, answer, mechListSigned }: KerberosLogonTokens,
  owner: CacheOwner,
  protocol: SealedProtocol,
): Promise<Sealing> {
  try {
    if (answer === undefined) throw new KerberosError('the server answered without a token')
    const { ticket, authenticator } = readApReq(request)
    const ticketKey = await findTicketKey(ticket.bytes, owner)
    const client = readAuthenticatorShare(openPart(ticketKey, keyUsages.authenticator, authenticator))
    const server = readApRepShare(openPart(ticketKey, keyUsages.apRepPart, readApRep(answer)))
    const key = server.subkey ?? client.subkey ?? ticketKey
    requireAes(key)
    const message = { key, isAcceptorSubkey: server.subkey !== undefined }
    const answers = (server.sequence ?? 0) + (mechListSigned ? 1 : 0)
    return wrapSealing({
      protocol,
      outgoing: new WrapTokens({ ...message, sender: 'initiator', sequence: client.sequence ?? 0 }),
      incoming: new WrapTokens({ ...message, sender: 'acceptor', sequence: answers }),
    })
  } catch (error) {
    if (error instanceof KerberosError || error instanceof DerError) throw cannotSeal(error)
    throw error
  }
}

export function cannotSeal(cause: Error): AuthError {
  return new AuthError(`Kerberos cannot seal messages: ${cause.message}; nothing was sent.`, {
    code: 'KERBEROS_NO_SEALING',
    hint:
      'Keep the tickets in a file with AES keys (export KRB5CCNAME=FILE:/tmp/exroll-tickets, then kinit), ' +
      'use scheme: https, where TLS protects the messages, or auth: negotiate, which seals with keys of its own.',
    cause,
  })
}
