import { type EncryptionKey, encrypt } from '../../../../src/transport/winrm/kerberos/encryption.js'
import { applicationTags, frame, keyUsages } from '../../../../src/transport/winrm/kerberos/messages.js'
import { derTags, writeElement, writeField } from '../../../../src/transport/winrm/spnego/der.js'

export interface TicketMakeUp {
  serviceKey: EncryptionKey
  /** Key of the ticket, which the client has too. */
  ticketKey: EncryptionKey
  /** In the ticket, and in what the client says of itself. */
  client?: string
  claimed?: string
  server?: string[]
  startsAt?: Date
  endsAt?: Date
  clientTime?: Date
  microseconds?: number
  /** Of GSSAPI: 2 = mutual authentication. */
  flags?: number
  binding?: Buffer
  subkey?: EncryptionKey
  sequence?: number
}

export const realm = 'EXLAB.EXAMPLE'

/** The first token of a client with a ticket that this made, and the ticket alone (RFC 4120 5.3, 5.5.1; RFC 4121 4.1.1). */
export function makeTicketToken(makeUp: TicketMakeUp): { token: Buffer; ticket: Buffer } {
  const { serviceKey, ticketKey, client = 'exadmin', claimed = client, server = ['HTTP', 'localhost'] } = makeUp
  const now = Date.now()
  const { startsAt = new Date(now - 1000), endsAt = new Date(now + 3600_000), clientTime = new Date(now) } = makeUp
  const { microseconds = 1, flags = 0x3e, binding = Buffer.alloc(16), subkey, sequence = 77 } = makeUp
  const part = application(
    applicationTags.encTicketPart,
    field(0, writeElement(0x03, Buffer.alloc(5))),
    field(1, keyOf(ticketKey)),
    field(2, text(realm)),
    field(3, name(client)),
    field(4, sequenceOf(number(0, 0), writeField(1, derTags.octetString, Buffer.alloc(0)))),
    field(5, time(startsAt)),
    field(7, time(endsAt)),
  )
  const ticket = application(
    applicationTags.ticket,
    number(0, 5),
    field(1, text(realm)),
    field(2, name(...server)),
    field(3, encrypted(serviceKey, keyUsages.ticket, part)),
  )
  const checksum = Buffer.alloc(24)
  checksum.writeUInt32LE(16, 0)
  binding.copy(checksum, 4)
  checksum.writeUInt32LE(flags, 20)
  const authenticator = application(
    applicationTags.authenticator,
    number(0, 5),
    field(1, text(realm)),
    field(2, name(claimed)),
    field(3, sequenceOf(number(0, 0x8003), writeField(1, derTags.octetString, checksum))),
    number(4, microseconds),
    field(5, time(clientTime)),
    ...(subkey === undefined ? [] : [field(6, keyOf(subkey))]),
    number(7, sequence),
  )
  const request = application(
    applicationTags.apReq,
    number(0, 5),
    number(1, 14),
    field(2, writeElement(0x03, Buffer.from('0020000000', 'hex'))),
    field(3, ticket),
    field(4, encrypted(ticketKey, keyUsages.authenticator, authenticator)),
  )
  return { token: frame(request, 'apReq'), ticket }
}

function encrypted(key: EncryptionKey, usage: number, plain: Buffer): Buffer {
  return sequenceOf(number(0, key.type), number(1, 2), writeField(2, derTags.octetString, encrypt(key, usage, plain)))
}

function keyOf({ type, value }: EncryptionKey): Buffer {
  return sequenceOf(number(0, type), writeField(1, derTags.octetString, value))
}

function name(...parts: string[]): Buffer {
  return sequenceOf(number(0, 1), writeField(1, derTags.sequence, ...parts.map(text)))
}

function time(at: Date): Buffer {
  return writeElement(derTags.generalizedTime, Buffer.from(at.toISOString().replaceAll(/[-:T]|\.\d+/g, '')))
}

function text(value: string): Buffer {
  return writeElement(derTags.generalString, Buffer.from(value))
}

function number(index: number, value: number): Buffer {
  const bytes = Buffer.alloc(5)
  bytes.writeUInt32BE(value, 1)
  return writeField(index, derTags.integer, bytes)
}

function field(index: number, element: Buffer): Buffer {
  return writeElement(derTags.context(index), element)
}

function sequenceOf(...elements: Buffer[]): Buffer {
  return writeElement(derTags.sequence, ...elements)
}

function application(tag: number, ...fields: Buffer[]): Buffer {
  return writeElement(tag, sequenceOf(...fields))
}
