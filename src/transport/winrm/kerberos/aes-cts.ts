import { createCipheriv, createDecipheriv } from 'node:crypto'

export const aesBlockBytes = 16

/**
 * AES in CBC mode with ciphertext stealing and no initial vector, as RFC 3962 5 has it: the last two blocks change places, and the
 * cipher text is as long as the plain text. `plain` has at least one block.
 */
export function encryptCts(key: Buffer, plain: Buffer): Buffer {
  const padded = Buffer.alloc(blocks(plain.length) * aesBlockBytes)
  plain.copy(padded)
  const cipher = cbc(key, padded, true)
  if (padded.length === aesBlockBytes) return cipher
  const last = cipher.length - aesBlockBytes
  const before = last - aesBlockBytes
  return Buffer.concat([cipher.subarray(0, before), cipher.subarray(last), cipher.subarray(before, last)]).subarray(
    0,
    plain.length,
  )
}

/** The other way. `cipher` has at least one block. */
export function decryptCts(key: Buffer, cipher: Buffer): Buffer {
  const count = blocks(cipher.length)
  if (count === 1) return cbc(key, cipher, false)
  const last = (count - 1) * aesBlockBytes
  const before = last - aesBlockBytes
  const swapped = cipher.subarray(before, last)
  // What was cut off the stolen block stands in the block that was encrypted after it, which had zeros there (RFC 3962 5).
  const opened = cbc(key, swapped, false)
  const stolen = Buffer.concat([cipher.subarray(last), opened.subarray(cipher.length - last)])
  return cbc(key, Buffer.concat([cipher.subarray(0, before), stolen, swapped]), false).subarray(0, cipher.length)
}

function blocks(bytes: number): number {
  if (bytes < aesBlockBytes) throw new RangeError('ciphertext stealing needs a whole block')
  return Math.ceil(bytes / aesBlockBytes)
}

function cbc(key: Buffer, data: Buffer, encrypt: boolean): Buffer {
  const name = `aes-${key.length * 8}-cbc`
  const vector = Buffer.alloc(aesBlockBytes)
  const cipher = encrypt ? createCipheriv(name, key, vector) : createDecipheriv(name, key, vector)
  cipher.setAutoPadding(false)
  return Buffer.concat([cipher.update(data), cipher.final()])
}
