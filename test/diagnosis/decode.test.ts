import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LogDecoder } from '../../src/diagnosis/decode.js'

function decode(bytes: Uint8Array, cuts: readonly number[] = []): { text: string; encoding: string } {
  const decoder = new LogDecoder()
  const at = [...cuts.map(cut => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  let text = ''
  let from = 0
  for (const to of at) {
    text += decoder.push(bytes.subarray(from, to))
    from = to
  }
  text += decoder.finish()
  return { text, encoding: decoder.encoding }
}

const line = 'MSI (s) (DC:C8) [06:51:07:002]: L\u2019installation a \u00e9chou\u00e9\r\n'
const bigEndian = (text: string): Uint8Array => Buffer.from(text, 'utf16le').swap16()

describe('LogDecoder', () => {
  it.each([
    ['utf-16le', Buffer.from(`\ufeff${line}`, 'utf16le')],
    ['utf-16le', Buffer.from(line, 'utf16le')],
    ['utf-16be', bigEndian(`\ufeff${line}`)],
    ['utf-16be', bigEndian(line)],
    ['utf-8', Buffer.from(`\ufeff${line}`)],
    ['utf-8', Buffer.from(line)],
    ['windows-1252', Buffer.from(line.replace('\u2019', "'"), 'latin1')],
  ] as const)('reads %s, with and without a byte order mark', (encoding, bytes) => {
    const found = decode(bytes)
    expect(found).toEqual({ encoding, text: encoding === 'windows-1252' ? line.replace('\u2019', "'") : line })
  })

  it('decides on 8-bit text at its first letter beyond ASCII, however late that comes', () => {
    const ascii = 'Property(S): A = B\r\n'.repeat(1000)
    expect(decode(Buffer.from(`${ascii}\u00e9`)).text).toBe(`${ascii}\u00e9`)
    expect(decode(Buffer.from(`${ascii}\u00e9\r\n`, 'latin1'))).toEqual({
      encoding: 'windows-1252',
      text: `${ascii}\u00e9\r\n`,
    })
  })

  it('gives the same text however the bytes were cut', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 400 })
    const encodings = fc.constantFrom<(text: string) => Uint8Array>(
      text => Buffer.from(`\ufeff${text}`, 'utf16le'),
      text => bigEndian(`\ufeff${text}`),
      text => Buffer.from(`${'x'.repeat(4090)}${text}`),
      text => Buffer.from(text, 'latin1'),
    )
    fc.assert(
      fc.property(text, encodings, fc.array(fc.nat(9000), { maxLength: 6 }), (value, encode, cuts) => {
        const bytes = encode(value)
        expect(decode(bytes, cuts)).toEqual(decode(bytes))
      }),
    )
  })

  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), value => {
        expect(decode(Buffer.from(`\ufeff${value}`, 'utf16le')).text).toBe(value)
        expect(decode(Buffer.from(`\ufeff${value}`)).text).toBe(value)
      }),
    )
  })
})
