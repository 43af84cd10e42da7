/**
 * MD4 (RFC 1320). NTLM hashes passwords with it (MS-NLMP 3.3.2), and OpenSSL 3 no longer has it unless Node is started with
 * its legacy provider. Not for anything but NTLM: MD4 is broken.
 */
export function md4(message: Uint8Array): Buffer {
  const words = padded(message)
  let [a, b, c, d] = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476]
  for (let block = 0; block < words.length; block += 16) {
    const [a0, b0, c0, d0] = [a, b, c, d]
    for (const { mix, add, order, shifts } of rounds) {
      for (let step = 0; step < 16; step += 1) {
        const word = words[block + (order[step] ?? 0)] ?? 0
        const sum = (a + mix(b, c, d) + word + add) | 0
        const turn = shifts[step % 4] ?? 0
        const turned = (sum << turn) | (sum >>> (32 - turn))
        a = d
        d = c
        c = b
        b = turned
      }
    }
    a = (a + a0) | 0
    b = (b + b0) | 0
    c = (c + c0) | 0
    d = (d + d0) | 0
  }
  const digest = Buffer.alloc(16)
  for (const [index, word] of [a, b, c, d].entries()) digest.writeInt32LE(word, index * 4)
  return digest
}

interface Round {
  mix(x: number, y: number, z: number): number
  add: number
  /** Which word of the block each step takes. */
  order: readonly number[]
  shifts: readonly [number, number, number, number]
}

/** RFC 1320 section 3.4. */
const rounds: readonly Round[] = [
  {
    mix: (x, y, z) => (x & y) | (~x & z),
    add: 0,
    order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    shifts: [3, 7, 11, 19],
  },
  {
    mix: (x, y, z) => (x & y) | (x & z) | (y & z),
    add: 0x5a827999,
    order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
    shifts: [3, 5, 9, 13],
  },
  {
    mix: (x, y, z) => x ^ y ^ z,
    add: 0x6ed9eba1,
    order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
    shifts: [3, 9, 11, 15],
  },
]

/** The message, a one bit, zeros, and its length in bits, as little-endian words (RFC 1320 3.1 to 3.3). */
function padded(message: Uint8Array): Int32Array {
  const bytes = Buffer.alloc((((message.length + 8) >> 6) + 1) * 64)
  bytes.set(message)
  bytes[message.length] = 0x80
  bytes.writeBigUInt64LE(BigInt(message.length) * 8n, bytes.length - 8)
  return Int32Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readInt32LE(index * 4))
}
