import { signatureBytes } from '../ntlm/security.js'
import type { EnvelopeText } from '../soap/write.js'
import type { Sealing } from './sealing.js'

/** The two parts of a sealed message, as the mechanism made them. */
export interface SealedBody {
  /** Signature, or the token's header for Kerberos. */
  header: Buffer
  data: Buffer
  /** Bytes that the mechanism put behind the message before it sealed it. */
  padding?: number
}

/** Names of the protocols (MS-WSMV 2.2.9.1): the second where the scheme was `Kerberos` instead of `Negotiate`. */
export const sealedProtocols = {
  negotiate: 'application/HTTP-SPNEGO-session-encrypted',
  kerberos: 'application/HTTP-Kerberos-session-encrypted',
} as const

export type SealedProtocol = (typeof sealedProtocols)[keyof typeof sealedProtocols]

const boundary = 'Encrypted Boundary'
/** What is longer than this before the sealed bytes, or after them, is no frame: they are not looked through for one. */
const longestHead = 2048
const longestEnd = 256
const original = 'application/soap+xml;charset=UTF-8'

/** A body that is not as MS-WSMV 2.2.9.1 says. */
export class SealedBodyError extends Error {
  override readonly name = 'SealedBodyError'
}

export function sealedContentType(protocol: SealedProtocol): string {
  return `multipart/encrypted;protocol="${protocol}";boundary="${boundary}"`
}

/** How the frame of a sealed message is written. */
export interface SealedFrame {
  protocol: SealedProtocol
  /**
   * A tab before each header line, as MS-WSMV 2.2.9.1 has it. OMI finds no header behind one and hangs up (its
   * Http_DecryptData); Windows takes either.
   */
  indented?: boolean
}

/**
 * Seals an envelope and writes it by MS-WSMV 2.2.9.1. It is written, sealed and sent in one place where the mechanism can: `room`,
 * where that is large enough.
 */
export async function sealEnvelope(
  envelope: EnvelopeText,
  sealing: Sealing,
  frame: SealedFrame,
  room?: Buffer,
): Promise<Buffer> {
  const { head, end } = frameText(envelope.bytes, frame)
  const from = head.length + 4 + signatureBytes
  const total = from + envelope.bytes + end.length
  const body = room === undefined || room.length < total ? Buffer.allocUnsafe(total) : room.subarray(0, total)
  const plain = body.subarray(from, from + envelope.bytes)
  envelope.writeTo(plain)
  const sealed = await sealing.seal(plain)
  if (sealed.data !== plain || sealed.header.length !== signatureBytes) {
    return writeSealedBody(sealed, envelope.bytes, frame)
  }
  head.copy(body)
  body.writeUInt32LE(signatureBytes, head.length)
  sealed.header.copy(body, head.length + 4)
  end.copy(body, total - end.length)
  return body
}

/** Writes a sealed message by MS-WSMV 2.2.9.1. `plainBytes` = length of what was sealed. */
export function writeSealedBody(
  { header, data, padding = 0 }: SealedBody,
  plainBytes: number,
  frame: SealedFrame,
): Buffer {
  const { head, end } = frameText(plainBytes + padding, frame)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(header.length)
  return Buffer.concat([head, length, header, data, end])
}

function frameText(length: number, { protocol, indented = true }: SealedFrame): { head: Buffer; end: Buffer } {
  const indent = indented ? '\t' : ''
  const head =
    `--${boundary}\r\n` +
    `${indent}Content-Type: ${protocol}\r\n` +
    `${indent}OriginalContent: type=${original};Length=${length}\r\n` +
    `--${boundary}\r\n` +
    `${indent}Content-Type: application/octet-stream\r\n`
  return { head: Buffer.from(head), end: Buffer.from(`--${boundary}--\r\n`) }
}

/**
 * Reads a sealed message. Liberal in its frame, because servers differ: the boundary with or without a space after the dashes
 * (Exchange), header lines with or without a tab, an empty line before the bytes (OMI), an end with or without its last dashes.
 * Strict in lengths.
 *
 * Throws `SealedBodyError`.
 */
export function readSealedBody(body: Buffer, contentType: string): SealedBody & { plainBytes: number } {
  const name = boundaryOf(contentType)
  const first = partAfter(body, 0, name)
  const head = body.subarray(first.start, indexOf(body, delimiters(name), first.start).at).toString('latin1')
  const plainBytes = Number(/OriginalContent:[^\r\n]*?\bLength=(\d{1,10})\b/i.exec(head)?.[1] ?? Number.NaN)
  if (!Number.isSafeInteger(plainBytes)) throw new SealedBodyError('the sealed answer does not say how long it is')
  const second = partAfter(body, first.start, name)
  const start = bytesAfterHeaders(body, second.start)
  const end = lastDelimiter(body, name)
  if (end < start + 4) throw new SealedBodyError('the sealed answer is cut')
  const headerBytes = body.readUInt32LE(start)
  if (headerBytes < signatureBytes || headerBytes > 1024 || start + 4 + headerBytes > end) {
    throw new SealedBodyError(`the sealed answer says that its signature has ${headerBytes} bytes`)
  }
  return {
    plainBytes,
    header: body.subarray(start + 4, start + 4 + headerBytes),
    data: body.subarray(start + 4 + headerBytes, end),
  }
}

export function isSealed(contentType: string): boolean {
  return /^multipart\/(x-multi-)?encrypted\b/i.test(contentType)
}

/** What stands in the Content-Type, without its quotes. */
function boundaryOf(contentType: string): string {
  const found = /boundary=(?:"([^"]{1,70})"|([^;\s]{1,70}))/i.exec(contentType)
  const name = found?.[1] ?? found?.[2]
  if (name === undefined) throw new SealedBodyError('the sealed answer names no boundary')
  return name
}

function delimiters(name: string): readonly Buffer[] {
  return [Buffer.from(`--${name}`), Buffer.from(`-- ${name}`)]
}

function indexOf(body: Buffer, wanted: readonly Buffer[], from: number): { at: number; length: number } {
  const found = wanted
    .map(one => ({ at: body.subarray(0, longestHead).indexOf(one, from), length: one.length }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at)[0]
  if (found === undefined) throw new SealedBodyError('the sealed answer has no parts')
  return found
}

function partAfter(body: Buffer, from: number, name: string): { start: number } {
  const { at, length } = indexOf(body, delimiters(name), from)
  return { start: at + length }
}

/** After the Content-Type line, and after one empty line where there is one. */
function bytesAfterHeaders(body: Buffer, from: number): number {
  const head = body.subarray(0, longestHead)
  const type = head.indexOf('application/octet-stream', from, 'latin1')
  const line = type < 0 ? -1 : head.indexOf('\r\n', type, 'latin1')
  if (line < 0) throw new SealedBodyError('the sealed answer has no part of bytes')
  const after = line + 2
  // A length field that begins with CR LF would say that the header has more than 2,573 bytes.
  return body[after] === 0x0d && body[after + 1] === 0x0a ? after + 2 : after
}

/** Sealed bytes may hold the delimiter by chance, so the last one ends them. */
function lastDelimiter(body: Buffer, name: string): number {
  const from = Math.max(0, body.length - longestEnd)
  const end = body.subarray(from)
  const at = Math.max(...delimiters(name).map(one => end.lastIndexOf(one)))
  if (at < 0) throw new SealedBodyError('the sealed answer has no end')
  return from + at
}
