import { NtlmError } from './ntlm-error.js'

const signature = Buffer.from('NTLMSSP\0', 'latin1')
/** Windows 6.0 build 6000, NTLM revision 15: some servers want a VERSION to be there, none looks at it (MS-NLMP 2.2.2.10). */
const version = Buffer.from([6, 0, 0x70, 0x17, 0, 0, 0, 15])
const micOffset = 72
const micBytes = 16

export interface ChallengeMessage {
  flags: number
  targetName: string
  /** Eight bytes. */
  serverChallenge: Buffer
  targetInfo: Buffer
}

export interface AuthenticateMessage {
  flags: number
  lmResponse: Buffer
  ntResponse: Buffer
  domain: string
  user: string
  workstation: string
  encryptedSessionKey: Buffer
  /** Absent where the message was written without one. */
  mic?: Buffer
}

/** NEGOTIATE_MESSAGE (MS-NLMP 2.2.1.1), without domain and workstation. */
export function writeNegotiate(flags: number): Buffer {
  const message = head(1, 40)
  message.writeUInt32LE(flags, 12)
  message.writeUInt32LE(40, 20)
  message.writeUInt32LE(40, 28)
  version.copy(message, 32)
  return message
}

/** The flags of a NEGOTIATE_MESSAGE. */
export function readNegotiate(bytes: Buffer): { flags: number } {
  check(bytes, 1, 16)
  return { flags: bytes.readUInt32LE(12) }
}

/** CHALLENGE_MESSAGE (MS-NLMP 2.2.1.2). */
export function writeChallenge({ flags, targetName, serverChallenge, targetInfo }: ChallengeMessage): Buffer {
  const message = head(2, 56)
  const payload = new Payload(56)
  payload.point(message, 12, utf16(targetName))
  message.writeUInt32LE(flags, 20)
  serverChallenge.copy(message, 24)
  payload.point(message, 40, targetInfo)
  version.copy(message, 48)
  return Buffer.concat([message, ...payload.parts])
}

export function readChallenge(bytes: Buffer): ChallengeMessage {
  check(bytes, 2, 48)
  return {
    flags: bytes.readUInt32LE(20),
    targetName: field(bytes, 12).toString('utf16le'),
    serverChallenge: bytes.subarray(24, 32),
    targetInfo: field(bytes, 40),
  }
}

/** AUTHENTICATE_MESSAGE (MS-NLMP 2.2.1.3) with room for a MIC, which is zero where none is given. */
export function writeAuthenticate(message: AuthenticateMessage): Buffer {
  const fixed = head(3, micOffset + micBytes)
  const payload = new Payload(fixed.length)
  payload.point(fixed, 28, utf16(message.domain))
  payload.point(fixed, 36, utf16(message.user))
  payload.point(fixed, 44, utf16(message.workstation))
  payload.point(fixed, 12, message.lmResponse)
  payload.point(fixed, 20, message.ntResponse)
  payload.point(fixed, 52, message.encryptedSessionKey)
  fixed.writeUInt32LE(message.flags, 60)
  version.copy(fixed, 64)
  message.mic?.copy(fixed, micOffset)
  return Buffer.concat([fixed, ...payload.parts])
}

export function readAuthenticate(bytes: Buffer): AuthenticateMessage {
  check(bytes, 3, 64)
  const payloadStarts = Math.min(...[12, 20, 28, 36, 44, 52].map(at => offsetOf(bytes, at)))
  const hasMic = payloadStarts >= micOffset + micBytes && bytes.length >= micOffset + micBytes
  return {
    flags: bytes.readUInt32LE(60),
    lmResponse: field(bytes, 12),
    ntResponse: field(bytes, 20),
    domain: field(bytes, 28).toString('utf16le'),
    user: field(bytes, 36).toString('utf16le'),
    workstation: field(bytes, 44).toString('utf16le'),
    encryptedSessionKey: field(bytes, 52),
    ...(hasMic && { mic: bytes.subarray(micOffset, micOffset + micBytes) }),
  }
}

/** The message as it was when its MIC was made: with zeros in its place (MS-NLMP 3.1.5.1.2). */
export function withoutMic(authenticate: Buffer): Buffer {
  return Buffer.concat([
    authenticate.subarray(0, micOffset),
    Buffer.alloc(micBytes),
    authenticate.subarray(micOffset + micBytes),
  ])
}

export function withMic(authenticate: Buffer, mic: Buffer): Buffer {
  return Buffer.concat([authenticate.subarray(0, micOffset), mic, authenticate.subarray(micOffset + micBytes)])
}

export function isNtlm(bytes: Buffer): boolean {
  return bytes.subarray(0, signature.length).equals(signature)
}

/** 1 NEGOTIATE, 2 CHALLENGE, 3 AUTHENTICATE. */
export function messageType(bytes: Buffer): number {
  if (bytes.length < 12 || !isNtlm(bytes)) throw new NtlmError('not a message of NTLM')
  return bytes.readUInt32LE(8)
}

export function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le')
}

function head(type: number, length: number): Buffer {
  const message = Buffer.alloc(length)
  signature.copy(message)
  message.writeUInt32LE(type, 8)
  return message
}

function check(bytes: Buffer, type: number, least: number): void {
  const found = messageType(bytes)
  if (bytes.length < least) throw new NtlmError('the message is cut')
  if (found !== type) throw new NtlmError(`a message of type ${found} where type ${type} was due`)
}

/** Length, room and offset of a field of the payload. */
function field(bytes: Buffer, at: number): Buffer {
  if (at + 8 > bytes.length) throw new NtlmError('the message is cut')
  const length = bytes.readUInt16LE(at)
  const offset = bytes.readUInt32LE(at + 4)
  if (length === 0) return Buffer.alloc(0)
  if (offset + length > bytes.length) throw new NtlmError('a field lies outside the message')
  return bytes.subarray(offset, offset + length)
}

function offsetOf(bytes: Buffer, at: number): number {
  return bytes.readUInt16LE(at) === 0 ? Number.POSITIVE_INFINITY : bytes.readUInt32LE(at + 4)
}

class Payload {
  readonly parts: Buffer[] = []
  #end: number

  constructor(start: number) {
    this.#end = start
  }

  point(message: Buffer, at: number, data: Buffer): void {
    message.writeUInt16LE(data.length, at)
    message.writeUInt16LE(data.length, at + 2)
    message.writeUInt32LE(this.#end, at + 4)
    this.parts.push(data)
    this.#end += data.length
  }
}
