import { type EncryptionKey, encrypt } from '../../../transport/winrm/kerberos/encryption.js'
import { applicationTags, frame, keyUsages } from '../../../transport/winrm/kerberos/messages.js'
import { derTags, writeElement, writeField } from '../../../transport/winrm/spnego/der.js'

/** What a server says about itself in its answer to a ticket. */
export interface ServerShare {
  /** Time of the client's Authenticator, as it came: fields 5 and 4. */
  clientTime: Buffer
  clientMicroseconds: Buffer
  subkey: EncryptionKey
  sequence: number
}

/** The AP-REP that proves that a server could read the ticket (RFC 4120 5.5.2), as GSS token. */
export function writeApRep(share: ServerShare, ticketKey: EncryptionKey): Buffer {
  const { clientTime, clientMicroseconds, subkey, sequence } = share
  const part = application(
    applicationTags.encApRepPart,
    writeElement(derTags.context(0), clientTime),
    writeElement(derTags.context(1), clientMicroseconds),
    writeElement(
      derTags.context(2),
      sequenceOf(integerField(0, subkey.type), writeField(1, derTags.octetString, subkey.value)),
    ),
    integerField(3, sequence),
  )
  const cipher = encrypt(ticketKey, keyUsages.apRepPart, part)
  const encrypted = sequenceOf(integerField(0, ticketKey.type), writeField(2, derTags.octetString, cipher))
  const message = application(
    applicationTags.apRep,
    integerField(0, 5),
    integerField(1, 15),
    writeElement(derTags.context(2), encrypted),
  )
  return frame(message, 'apRep')
}

/** Numbers of RFC 4120 7.5.9 that a service answers with. */
export const errorCodes = {
  ticketExpired: 32,
  ticketNotYetValid: 33,
  repeated: 34,
  notForUs: 35,
  badMatch: 36,
  skew: 37,
  modified: 41,
  generic: 60,
} as const

/** A KRB-ERROR (RFC 4120 5.9.1), as GSS token. */
export function writeKrbError(code: number, realm: string, server: readonly string[]): Buffer {
  const text = (value: string): Buffer => writeElement(derTags.generalString, Buffer.from(value))
  const name = sequenceOf(integerField(0, 2), writeField(1, derTags.sequence, ...server.map(text)))
  const time = new Date().toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  const message = application(
    applicationTags.krbError,
    integerField(0, 5),
    integerField(1, 30),
    writeField(4, derTags.generalizedTime, Buffer.from(time)),
    integerField(5, 0),
    integerField(6, code),
    writeElement(derTags.context(9), text(realm)),
    writeElement(derTags.context(10), name),
  )
  return frame(message, 'error')
}

function application(tag: number, ...fields: Buffer[]): Buffer {
  return writeElement(tag, sequenceOf(...fields))
}

function sequenceOf(...fields: Buffer[]): Buffer {
  return writeElement(derTags.sequence, ...fields)
}

/** A number that is not negative, in as few bytes as DER allows. */
function integerField(index: number, value: number): Buffer {
  const bytes = Buffer.alloc(5)
  bytes.writeUInt32BE(value, 1)
  let start = 0
  while (start < 4 && bytes[start] === 0 && (bytes[start + 1] ?? 0) < 0x80) start += 1
  return writeField(index, derTags.integer, bytes.subarray(start))
}
