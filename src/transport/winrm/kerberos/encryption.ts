import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { aesBlockBytes, decryptCts, encryptCts } from './aes-cts.js'
import { KerberosError } from './kerberos-error.js'

/** Key of a session or a service (RFC 4120 5.2.9). */
export interface EncryptionKey {
  /** Number of the encryption type. */
  type: number
  value: Buffer
}

/** Bytes of a key by encryption type (RFC 3962 7). */
const keyBytes: Readonly<Record<number, number>> = { 17: 16, 18: 32 }
/** HMAC-SHA1-96 */
export const checksumBytes = 12
/** Goes before what is encrypted. */
export const confounderBytes = aesBlockBytes

/** Names of encryption types (RFC 3961, 4757, 8009), for messages. */
const typeNames: Readonly<Record<number, string>> = {
  1: 'des-cbc-crc',
  3: 'des-cbc-md5',
  16: 'des3-cbc-sha1',
  17: 'aes128-cts-hmac-sha1-96',
  18: 'aes256-cts-hmac-sha1-96',
  19: 'aes128-cts-hmac-sha256-128',
  20: 'aes256-cts-hmac-sha384-192',
  23: 'rc4-hmac',
}

/** Throws `KerberosError` unless the key is of AES with HMAC-SHA1, which is what Active Directory gives out since 2008. */
export function requireAes({ type, value }: EncryptionKey): void {
  if (keyBytes[type] === undefined) throw new KerberosError(`the ticket's key is of the kind ${nameOfType(type)}`)
  if (value.length !== keyBytes[type]) throw new KerberosError(`a key of ${value.length} bytes for ${nameOfType(type)}`)
}

export function nameOfType(type: number): string {
  return typeNames[type] ?? `number ${type}`
}

/** Encrypts and signs for one purpose (RFC 3961 5.3): cipher text of confounder and plain text, then its checksum. */
export function encrypt(
  { value }: EncryptionKey,
  usage: number,
  plain: Buffer,
  confounder = randomBytes(confounderBytes),
): Buffer {
  const whole = Buffer.concat([confounder, plain])
  return Buffer.concat([encryptCts(purposeKey(value, usage, 0xaa), whole), checksum(value, usage, whole)])
}

/** The plain text; undefined when the checksum is not that of this text, key and purpose. */
export function decrypt({ value }: EncryptionKey, usage: number, cipher: Buffer): Buffer | undefined {
  const end = cipher.length - checksumBytes
  if (end < confounderBytes) return undefined
  const whole = decryptCts(purposeKey(value, usage, 0xaa), cipher.subarray(0, end))
  const given = cipher.subarray(end)
  return timingSafeEqual(given, checksum(value, usage, whole)) ? whole.subarray(confounderBytes) : undefined
}

function checksum(key: Buffer, usage: number, whole: Buffer): Buffer {
  return createHmac('sha1', purposeKey(key, usage, 0x55))
    .update(whole)
    .digest()
    .subarray(0, checksumBytes)
}

/** A key for one purpose, derived from the base key (RFC 3961 5.1 and 5.3): 0xaa encrypts, 0x55 signs. */
function purposeKey(key: Buffer, usage: number, kind: 0xaa | 0x55): Buffer {
  const constant = Buffer.alloc(5)
  constant.writeUInt32BE(usage)
  constant[4] = kind
  return deriveKey(key, constant)
}

/** DK of RFC 3961 5.1: as many blocks as the key is long, each the encryption of the one before. */
export function deriveKey(key: Buffer, constant: Buffer): Buffer {
  const made: Buffer[] = []
  let block = foldN(constant, aesBlockBytes)
  for (let bytes = 0; bytes < key.length; bytes += aesBlockBytes) {
    block = encryptCts(key, block)
    made.push(block)
  }
  return Buffer.concat(made)
}

/** n-fold of RFC 3961 5.1: copies of `input`, each turned 13 bits further, added up to `bytes` bytes with end-around carry. */
export function foldN(input: Buffer, bytes: number): Buffer {
  const total = leastCommonMultiple(input.length, bytes)
  const bits = input.length * 8
  const bitAt = (position: number): number => ((input[position >> 3] ?? 0) >> (7 - (position & 7))) & 1
  const out = Buffer.alloc(bytes)
  let carry = 0
  for (let index = total - 1; index >= 0; index -= 1) {
    const turn = 13 * Math.floor(index / input.length)
    const first = (index % input.length) * 8
    let byte = 0
    for (let bit = 0; bit < 8; bit += 1) byte = (byte << 1) | bitAt((((first + bit - turn) % bits) + bits) % bits)
    carry += (out[index % bytes] ?? 0) + byte
    out[index % bytes] = carry & 0xff
    carry >>= 8
  }
  for (let index = bytes - 1; carry > 0; index = (index + bytes - 1) % bytes) {
    carry += out[index] ?? 0
    out[index] = carry & 0xff
    carry >>= 8
  }
  return out
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b]
  while (y !== 0) [x, y] = [y, x % y]
  return (a / x) * b
}
