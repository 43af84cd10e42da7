import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileAnchors } from '../../src/diagnosis/anchors.js'
import { ByteScanner } from '../../src/diagnosis/byte-scanner.js'
import type { Evidence } from '../../src/diagnosis/finding.js'
import { compilePhrases } from '../../src/diagnosis/phrases.js'
import { type Hit, LogScanner } from '../../src/diagnosis/scanner.js'

const phrases = compilePhrases([
  'Action ended',
  'Error 1',
  'Error 1305.',
  'Note: 1: 1706',
  'Note: 1: 2262',
  'returned actual error code',
  "Couldn't find local patch",
  'CAQuietExec: Error 0x80070001',
  '\u64cd\u4f5c\u7ed3\u675f',
])
const table = compileAnchors(phrases)

interface Seen {
  line: number
  phrases: readonly string[]
  record: unknown
  around: Evidence[]
}
interface Reading {
  seen: Seen[]
  lines: number
  last: Evidence[]
}

const take =
  (seen: Seen[]) =>
  ({ line, phrases: words, record, around }: Hit): void => {
    seen.push({ line, phrases: [...words].sort(), record: record(), around: around(2, 2) })
  }

function byText(text: string, raw: boolean): Reading {
  const seen: Seen[] = []
  const scanner = new LogScanner(phrases, raw, { see: take(seen) })
  scanner.push(text)
  return { seen, lines: scanner.finish(), last: scanner.lastLines(3) }
}
function byBytes(
  bytes: Uint8Array,
  encoding: 'utf-8' | 'utf-16le' | undefined,
  raw: boolean,
  piece = 1 << 16,
): Reading {
  const seen: Seen[] = []
  const scanner = new ByteScanner({ phrases, table, encoding, raw }, { see: take(seen) })
  for (let at = 0; at < bytes.length; at += piece) scanner.push(bytes.subarray(at, at + piece))
  return { seen, lines: scanner.finish(), last: scanner.lastLines(3) }
}

const line = fc.oneof(
  fc.constantFrom(
    'MSI (s) (DC:C8) [06:52:01:001]: Note: 1: 2262 2: Error 3: -2147287038 ',
    'MSI (s) (DC:C8) [06:52:01:001]: Note: 1: 1706 2: -2147483647 3: a.msp',
    'Action ended 6:52:01: InstallFiles. Return value 3.',
    'Error 1305. Error reading from file: C:\\a.',
    'CAQuietExec:  Error 0x80070001: Command line returned an error.',
    "MSI (s) (DC:C8) [06:52:01:001]: Couldn't find local patch 'C:\\5c321.msp'.",
    'CustomAction X returned actual error code 1603',
    '\u64cd\u4f5c\u7ed3\u675f 23:49:51: InstallFiles\u3002\u8fd4\u56de\u503c 3\u3002',
    'l\u2019installation a \u00e9chou\u00e9',
    '',
  ),
  fc.string({ maxLength: 60, unit: 'grapheme-composite' }).map(text => text.replace(/[\r\n]/g, '')),
)
const log = fc.array(line, { maxLength: 60 }).map(lines => lines.join('\r\n'))

describe('a log gone over as bytes', () => {
  it('shows the same as its text does, in UTF-16 and UTF-8, however it is cut into pieces', () => {
    fc.assert(
      fc.property(log, fc.integer({ min: 1, max: 500 }), (text, piece) => {
        const wellFormed = Buffer.from(text, 'utf8').toString('utf8')
        const expected = byText(wellFormed, true)
        expect(byBytes(Buffer.from(wellFormed, 'utf16le'), 'utf-16le', true, piece)).toEqual(expected)
        expect(byBytes(Buffer.from(wellFormed, 'utf8'), 'utf-8', true, piece)).toEqual(expected)
      }),
      { numRuns: 150 },
    )
  })

  it('keeps its line numbers over more than it holds at a time', () => {
    const filler = `${'MSI (s) (DC:C8) [06:52:01:001]: Executing op: RegAddValue(Name=Version,,)\r\n'.repeat(20_000)}`
    const text = `${filler}Error 1305. one\r\n${filler}Action ended 6:52:01: A. Return value 3.\r\n`
    for (const bytes of [Buffer.from(text, 'utf16le'), Buffer.from(text, 'utf8')]) {
      const { seen, lines } = byBytes(bytes, bytes.length === text.length ? undefined : 'utf-16le', true)
      expect(seen.map(({ line: at, phrases: words }) => [at, words[0]])).toEqual([
        [20_001, 'Error 1'],
        [40_002, 'Action ended'],
      ])
      expect(lines).toBe(40_002)
    }
  })

  it('tells 8-bit text from UTF-8 by its first character that is not ASCII', () => {
    const text = 'Error 1305. caf\u00e9'
    expect(byBytes(Buffer.from(text, 'latin1'), undefined, false).seen[0]?.around).toEqual([{ line: 1, text }])
    expect(byBytes(Buffer.from(text, 'utf8'), undefined, false).seen[0]?.around).toEqual([{ line: 1, text }])
  })

  it('holds a small constant of a line of any length, and ends', () => {
    const scanner = new ByteScanner({ phrases, table, encoding: undefined, raw: false }, { see: () => undefined })
    const piece = Buffer.alloc(1 << 20, 'Error 1305. ')
    for (let i = 0; i < 50; i += 1) scanner.push(piece)
    expect(scanner.finish()).toBe(1)
  })
})
