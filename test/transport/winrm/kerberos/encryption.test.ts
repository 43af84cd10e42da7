import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decryptCts, encryptCts } from '../../../../src/transport/winrm/kerberos/aes-cts.js'
import { decrypt, encrypt, foldN } from '../../../../src/transport/winrm/kerberos/encryption.js'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const bytes = (limits: { minLength?: number; maxLength?: number }) =>
  fc.uint8Array(limits).map(array => Buffer.from(array))
const keys = fc.oneof(
  bytes({ minLength: 16, maxLength: 16 }).map(value => ({ type: 17, value })),
  bytes({ minLength: 32, maxLength: 32 }).map(value => ({ type: 18, value })),
)

describe('n-fold', () => {
  it.for<[string, number, string]>([
    ['012345', 8, 'be072631276b1955'],
    ['password', 7, '78a07b6caf85fa'],
    ['Rough Consensus, and Running Code', 8, 'bb6ed30870b7f0e0'],
    ['password', 21, '59e4a8ca7c0385c3c37b3f6d2000247cb6e6bd5b3e'],
    ['MASSACHVSETTS INSTITVTE OF TECHNOLOGY', 24, 'db3b0d8f0b061e603282b308a50841229ad798fab9540c1b'],
    ['Q', 21, '518a54a2 15a8452a 518a54a2 15a8452a 518a54a2 15'],
    ['ba', 21, 'fb25d531 ae897449 9f52fd92 ea9857c4 ba24cf29 7e'],
    ['kerberos', 16, '6b65726265726f737b9b5b2b93132b93'],
  ])('of %s to %i bytes is as in RFC 3961 A.1', ([text, length, expected]) => {
    expect(foldN(Buffer.from(text), length)).toEqual(hex(expected))
  })
})

describe('AES with ciphertext stealing', () => {
  const key = Buffer.from('chicken teriyaki')
  const text = "I would like the General Gau's Chicken, please, and wonton soup."

  it.for<[number, string]>([
    [17, 'c6353568f2bf8cb4d8a580362da7ff7f97'],
    [31, 'fc00783e0efdb2c1d445d4c8eff7ed2297687268d6ecccc0c07b25e25ecfe5'],
    [32, '39312523a78662d5be7fcbcc98ebf5a897687268d6ecccc0c07b25e25ecfe584'],
    [47, '97687268d6ecccc0c07b25e25ecfe584b3fffd940c16a18c1b5549d2f838029e39312523a78662d5be7fcbcc98ebf5'],
    [48, '97687268d6ecccc0c07b25e25ecfe5849dad8bbb96c4cdc03bc103e1a194bbd839312523a78662d5be7fcbcc98ebf5a8'],
    [
      64,
      '97687268d6ecccc0c07b25e25ecfe58439312523a78662d5be7fcbcc98ebf5a84807efe836ee89a526730dbc2f7bc8409dad8bbb96c4cdc03bc103e1a194bbd8',
    ],
  ])('gives for %i bytes what RFC 3962 B has', ([length, expected]) => {
    const plain = Buffer.from(text).subarray(0, length)
    expect(encryptCts(key, plain)).toEqual(hex(expected))
    expect(decryptCts(key, hex(expected))).toEqual(plain)
  })

  it('is undone by its other way, for any length from one block on', () => {
    fc.assert(
      fc.property(keys, bytes({ minLength: 16, maxLength: 200 }), ({ value }, plain) => {
        const cipher = encryptCts(value, plain)
        expect(cipher).toHaveLength(plain.length)
        expect(decryptCts(value, cipher)).toEqual(plain)
      }),
    )
  })
})

describe('what is encrypted for one purpose', () => {
  it('is read with the same key for the same purpose only', () => {
    fc.assert(
      fc.property(
        keys,
        keys,
        bytes({ maxLength: 100 }),
        fc.nat(1000),
        fc.nat(1000),
        (key, other, plain, use, another) => {
          const cipher = encrypt(key, use, plain)
          expect(decrypt(key, use, cipher)).toEqual(plain)
          if (another !== use) expect(decrypt(key, another, cipher)).toBeUndefined()
          if (!other.value.equals(key.value)) expect(decrypt(other, use, cipher)).toBeUndefined()
        },
      ),
    )
  })

  it('is not read once a bit of it has changed, or when it is cut', () => {
    fc.assert(
      fc.property(keys, bytes({ maxLength: 60 }), fc.nat(), fc.nat(7), (key, plain, place, bit) => {
        const cipher = encrypt(key, 24, plain)
        const at = place % cipher.length
        const changed = Buffer.from(cipher)
        changed[at] = (changed[at] ?? 0) ^ (1 << bit)
        expect(decrypt(key, 24, changed)).toBeUndefined()
        expect(decrypt(key, 24, cipher.subarray(0, at))).toBeUndefined()
      }),
    )
  })
})
