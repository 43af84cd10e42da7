import { DerError, derTags, readElement, readElements, readFields, readOnly, writeElement } from '../spnego/der.js'
import { mechanisms } from '../spnego/tokens.js'
import { decrypt, type EncryptionKey, requireAes } from './encryption.js'
import { KerberosError } from './kerberos-error.js'

/** `[APPLICATION n]` of the messages read and written here (RFC 4120 5). */
export const applicationTags = {
  ticket: 0x61,
  authenticator: 0x62,
  encTicketPart: 0x63,
  apReq: 0x6e,
  apRep: 0x6f,
  encApRepPart: 0x7b,
  krbError: 0x7e,
} as const

/** What stands before a message inside a GSS token (RFC 4121 4.1). */
const tokenIds = { apReq: 0x0100, apRep: 0x0200, error: 0x0300 } as const
export type TokenKind = keyof typeof tokenIds

/** Purposes of the keys (RFC 4120 7.5.1). */
export const keyUsages = { ticket: 2, authenticator: 11, apRepPart: 12 } as const

export interface EncryptedData {
  /** Encryption type of the key. */
  type: number
  /** Version of the service's key, where it is one. */
  version?: number
  cipher: Buffer
}

export interface Ticket {
  realm: string
  /** `['HTTP', 'ex-01.contoso.com']` */
  server: string[]
  part: EncryptedData
  /** As it came, to be found in a ticket cache. */
  bytes: Buffer
}

export interface ApReq {
  ticket: Ticket
  authenticator: EncryptedData
}

/** What both sides put into their messages for the context that follows (RFC 4120 5.5.1, 5.5.2). */
export interface ContextShare {
  subkey?: EncryptionKey
  sequence?: number
}

/** The AP-REQ of a client's first token. Throws `DerError` or `KerberosError`. */
export function readApReq(token: Buffer): ApReq {
  const fields = readFields(readOnly(unframe(token, 'apReq'), applicationTags.apReq))
  const ticket = fieldOf(fields, 3)
  const parts = readFields(readOnly(ticket, applicationTags.ticket))
  return {
    ticket: {
      realm: readOnly(fieldOf(parts, 1), derTags.generalString).toString('utf8'),
      server: readName(fieldOf(parts, 2)),
      part: readEncryptedData(fieldOf(parts, 3)),
      bytes: ticket,
    },
    authenticator: readEncryptedData(fieldOf(fields, 4)),
  }
}

/** The encrypted part of the AP-REP in a server's answer. Throws `DerError` or `KerberosError`. */
export function readApRep(token: Buffer): EncryptedData {
  return readEncryptedData(fieldOf(readFields(readOnly(unframe(token, 'apRep'), applicationTags.apRep)), 2))
}

/** A part of a logon, read with the key of the ticket. Throws `KerberosError`. */
export function openPart(ticketKey: EncryptionKey, usage: number, { cipher }: EncryptedData): Buffer {
  requireAes(ticketKey)
  const plain = decrypt(ticketKey, usage, cipher)
  if (plain === undefined) throw new KerberosError('the key of the ticket does not open the logon')
  return plain
}

/** Number of the error that a server answered with (RFC 4120 7.5.9); undefined when the token is something else. */
export function readErrorCode(token: Buffer): number | undefined {
  try {
    return readInteger(fieldOf(readFields(readOnly(unframe(token, 'error'), applicationTags.krbError)), 6))
  } catch (error) {
    if (error instanceof DerError || error instanceof KerberosError) return undefined
    throw error
  }
}

/** Subkey and sequence number of a decrypted Authenticator: fields 6 and 7. */
export function readAuthenticatorShare(plain: Buffer): ContextShare {
  return readShare(readFields(readOnly(plain, applicationTags.authenticator)), 6)
}

/** Subkey and sequence number of a decrypted EncAPRepPart: fields 2 and 3. */
export function readApRepShare(plain: Buffer): ContextShare {
  return readShare(readFields(readOnly(plain, applicationTags.encApRepPart)), 2)
}

/** A message of Kerberos as GSS token (RFC 2743 3.1). */
export function frame(message: Buffer, kind: TokenKind): Buffer {
  const id = Buffer.alloc(2)
  id.writeUInt16BE(tokenIds[kind])
  return writeElement(derTags.application, writeElement(derTags.oid, mechanisms.kerberos), id, message)
}

/** True of a token of Kerberos that is not wrapped by SPNEGO. */
export function isKerberosToken(token: Buffer): boolean {
  if (token[0] !== derTags.application) return false
  const { element } = readElement(readElement(token).element.content)
  return element.tag === derTags.oid && element.content.equals(mechanisms.kerberos)
}

function unframe(token: Buffer, kind: TokenKind): Buffer {
  const { element, rest } = readElement(readOnly(token, derTags.application))
  if (element.tag !== derTags.oid || !element.content.equals(mechanisms.kerberos)) {
    throw new KerberosError('not a token of Kerberos')
  }
  if (rest.length < 2 || rest.readUInt16BE(0) !== tokenIds[kind]) throw new KerberosError('another message was due')
  return rest.subarray(2)
}

export function fieldOf(fields: ReadonlyMap<number, Buffer>, index: number): Buffer {
  const found = fields.get(index)
  if (found === undefined) throw new KerberosError(`a message without its field ${index}`)
  return found
}

/** PrincipalName (RFC 4120 5.2.2). */
export function readName(bytes: Buffer): string[] {
  const names = readOnly(fieldOf(readFields(bytes), 1), derTags.sequence)
  return readElements(names).map(({ content }) => content.toString('utf8'))
}

export function readEncryptedData(bytes: Buffer): EncryptedData {
  const fields = readFields(bytes)
  const version = fields.get(1)
  return {
    type: readInteger(fieldOf(fields, 0)),
    ...(version !== undefined && { version: readInteger(version) }),
    cipher: readOnly(fieldOf(fields, 2), derTags.octetString),
  }
}

export function readKey(bytes: Buffer): EncryptionKey {
  const fields = readFields(bytes)
  return { type: readInteger(fieldOf(fields, 0)), value: readOnly(fieldOf(fields, 1), derTags.octetString) }
}

/** Sequence numbers are UInt32, which some write as a negative number of four bytes. */
export function readInteger(bytes: Buffer): number {
  const content = readOnly(bytes, derTags.integer)
  if (content.length === 0 || content.length > 5) throw new KerberosError('a number of another size')
  return content.readUIntBE(0, content.length) % 0x1_0000_0000
}

function readShare(fields: ReadonlyMap<number, Buffer>, subkeyAt: number): ContextShare {
  const subkey = fields.get(subkeyAt)
  const sequence = fields.get(subkeyAt + 1)
  return {
    ...(subkey !== undefined && { subkey: readKey(subkey) }),
    ...(sequence !== undefined && { sequence: readInteger(sequence) }),
  }
}
