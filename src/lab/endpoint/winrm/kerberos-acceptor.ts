import { randomBytes, randomInt } from 'node:crypto'
import { channelBindingHash } from '../../../transport/winrm/http/channel-binding.js'
import { decrypt, type EncryptionKey, requireAes } from '../../../transport/winrm/kerberos/encryption.js'
import { readGssChecksum } from '../../../transport/winrm/kerberos/gss-checksum.js'
import { KerberosError } from '../../../transport/winrm/kerberos/kerberos-error.js'
import {
  applicationTags,
  type EncryptedData,
  fieldOf,
  keyUsages,
  readApReq,
  readAuthenticatorShare,
  readKey,
  readName,
  type Ticket,
} from '../../../transport/winrm/kerberos/messages.js'
import { WrapTokens } from '../../../transport/winrm/kerberos/wrap-token.js'
import { DerError, derTags, readFields, readOnly } from '../../../transport/winrm/spnego/der.js'
import { errorCodes, writeApRep, writeKrbError } from './kerberos-answers.js'
import type { KeytabEntry } from './keytab.js'

export interface AcceptedTicket {
  /** First component of the client's name: `exadmin`. */
  user: string
  /** The client asked for it; without it no message of the context may be sealed. */
  confidential: boolean
  incoming: WrapTokens
  outgoing: WrapTokens
  /** The token that proves the server to the client. */
  reply: Buffer
}

export type TicketVerdict = { accepted: AcceptedTicket } | { refused: Buffer }

/** RFC 4120 1.3 and 3.2.3: the clocks of the two sides may differ by so much. */
const mostSkewMs = 5 * 60_000
const gssFlags = { mutual: 2, confidentiality: 0x10, dceStyle: 0x1000 } as const

class Refusal extends Error {
  readonly code: number
  constructor(code: number) {
    super(`KRB-ERROR ${code}`)
    this.code = code
  }
}

/** The service's side of Kerberos with the keys of a keytab (RFC 4120 3.2.3, RFC 4121 4.1): AES tickets, mutual authentication. */
export class KerberosAcceptor {
  readonly #keytab: readonly KeytabEntry[]
  /** Authenticators that were seen, by when they are too old to be sent again. */
  readonly #seen = new Map<string, number>()

  constructor(keytab: readonly KeytabEntry[]) {
    this.#keytab = keytab
  }

  /** Takes a client's first token. Throws `KerberosError` or `DerError` for what is none. */
  accept(token: Buffer, channelBinding?: Buffer): TicketVerdict {
    const { ticket, authenticator } = readApReq(token)
    try {
      return { accepted: this.#accept(ticket, authenticator, channelBinding) }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return { refused: writeKrbError(error.code, ticket.realm, ticket.server) }
    }
  }

  #accept(ticket: Ticket, authenticator: EncryptedData, channelBinding: Buffer | undefined): AcceptedTicket {
    const part = readFields(
      readOnly(opened(this.#keyOf(ticket), keyUsages.ticket, ticket.part.cipher), applicationTags.encTicketPart),
    )
    const ticketKey = readKey(fieldOf(part, 1))
    requireAes(ticketKey)
    checkTimes(part)
    const plain = opened(ticketKey, keyUsages.authenticator, authenticator.cipher)
    const fields = readFields(readOnly(plain, applicationTags.authenticator))
    if (clientOf(fields, 1) !== clientOf(part, 2)) throw new Refusal(errorCodes.badMatch)
    this.#checkFresh(fields)
    const flags = checkContext(fieldOf(fields, 3), channelBinding)
    const client = readAuthenticatorShare(plain)
    const subkey = { type: ticketKey.type, value: randomBytes(ticketKey.value.length) }
    const sequence = randomInt(2 ** 30)
    const message = { key: subkey, isAcceptorSubkey: true }
    return {
      user: readName(fieldOf(part, 3))[0] ?? '',
      confidential: (flags & gssFlags.confidentiality) !== 0,
      incoming: new WrapTokens({ ...message, sender: 'initiator', sequence: client.sequence ?? 0 }),
      outgoing: new WrapTokens({ ...message, sender: 'acceptor', sequence }),
      reply: writeApRep(
        { clientTime: fieldOf(fields, 5), clientMicroseconds: fieldOf(fields, 4), subkey, sequence },
        ticketKey,
      ),
    }
  }

  #keyOf({ realm, server, part }: Ticket): EncryptionKey {
    const name = server.join('/').toLowerCase()
    const found = this.#keytab.filter(
      entry =>
        entry.realm === realm && entry.key.type === part.type && entry.principal.join('/').toLowerCase() === name,
    )
    const entry = found.find(({ version }) => version === part.version) ?? found.at(-1)
    if (entry === undefined) throw new Refusal(errorCodes.notForUs)
    requireAes(entry.key)
    return entry.key
  }

  /** Not too old, and not seen before (RFC 4120 3.2.3). */
  #checkFresh(fields: ReadonlyMap<number, Buffer>): void {
    const now = Date.now()
    const time = timeOf(fieldOf(fields, 5))
    if (Math.abs(now - time) > mostSkewMs) throw new Refusal(errorCodes.skew)
    for (const [known, until] of this.#seen) if (until < now) this.#seen.delete(known)
    const mark = [2, 4, 5].map(index => fieldOf(fields, index).toString('hex')).join(' ')
    if (this.#seen.has(mark)) throw new Refusal(errorCodes.repeated)
    this.#seen.set(mark, time + 2 * mostSkewMs)
  }
}

function opened(key: EncryptionKey, usage: number, cipher: Buffer): Buffer {
  const plain = decrypt(key, usage, cipher)
  if (plain === undefined) throw new Refusal(errorCodes.modified)
  return plain
}

/** Realm and name of the client; their types may differ. */
function clientOf(fields: ReadonlyMap<number, Buffer>, at: number): string {
  const realm = readOnly(fieldOf(fields, at), derTags.generalString).toString('utf8')
  return JSON.stringify([realm, ...readName(fieldOf(fields, at + 1))])
}

/** Start and end of a ticket: fields 6 (or 5, the time of the logon) and 7 of EncTicketPart. */
function checkTimes(part: ReadonlyMap<number, Buffer>): void {
  const now = Date.now()
  if (timeOf(fieldOf(part, 7)) + mostSkewMs < now) throw new Refusal(errorCodes.ticketExpired)
  if (timeOf(part.get(6) ?? fieldOf(part, 5)) - mostSkewMs > now) throw new Refusal(errorCodes.ticketNotYetValid)
}

/**
 * CbtHardeningLevel Relaxed, Windows' default: a client that sends a binding has to send the right one. RFC 4120 has no error for it;
 * MIT's GSSAPI answers with the one for all others too. Returns the flags.
 */
function checkContext(checksum: Buffer, channelBinding: Buffer | undefined): number {
  const { binding, flags } = readGssChecksum(checksum)
  if ((flags & gssFlags.mutual) === 0 || (flags & gssFlags.dceStyle) !== 0) {
    throw new KerberosError('a context without mutual authentication, or of DCE')
  }
  const isSent = channelBinding !== undefined && binding.some(byte => byte !== 0)
  if (isSent && !binding.equals(channelBindingHash(channelBinding))) throw new Refusal(errorCodes.generic)
  return flags
}

/** KerberosTime (RFC 4120 5.2.3), in milliseconds. */
function timeOf(bytes: Buffer): number {
  const text = readOnly(bytes, derTags.generalizedTime).toString('latin1')
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? []
  if (second === undefined) throw new DerError('not a time')
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
}
