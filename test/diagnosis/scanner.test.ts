import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compilePhrases } from '../../src/diagnosis/phrases.js'
import { LogScanner } from '../../src/diagnosis/scanner.js'

interface Found {
  phrases: readonly string[]
  line: number
  record: { line: number; text: string }
}

function scan(pieces: readonly string[], phrases: readonly string[]): { found: Found[]; lines: number; last: unknown } {
  const found: Found[] = []
  const scanner = new LogScanner(compilePhrases(phrases), false, {
    see: hit => {
      const { line, text } = hit.record()
      found.push({ phrases: [...hit.phrases].sort(), line: hit.line, record: { line, text } })
    },
  })
  for (const piece of pieces) scanner.push(piece)
  const lines = scanner.finish()
  return { found, lines, last: scanner.lastLines(2) }
}

function pieces(text: string, size: number): string[] {
  return text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? []
}

const engine = 'MSI (s) (DC:C8) [06:51:07:002]: '

describe('LogScanner', () => {
  it('finds words on the line they stand on, and the phrases that are their beginning', () => {
    const { found } = scan([`${engine}a\n${engine}Note: 1: 2262 2: Error\n`], ['Note: 1: 2262', 'Note: 1:'])
    expect(found).toMatchObject([{ line: 2, phrases: ['Note: 1:', 'Note: 1: 2262'] }])
  })

  it('finds words of a record that was wrapped over two lines, and gives it as one', () => {
    const { found } = scan(
      [`${engine}Product: Microsoft Exchange Server --\nConfiguration failed.\n${engine}next\n`],
      ['Server -- Configuration failed.'],
    )
    expect(found).toMatchObject([
      { line: 1, record: { line: 1, text: `${engine}Product: Microsoft Exchange Server -- Configuration failed.` } },
    ])
  })

  it('finds the same wherever the text was cut, also in a log larger than what it keeps', () => {
    const filler = `${engine}Executing op: FileCopy(SourceName=a.dll)\n`
    const text = [
      filler.repeat(1500),
      `${engine}Couldn't find local patch 'a.msp'.\n`,
      filler.repeat(1500),
      'CAQuietExec:  Error 0x80070001: failed\n',
      filler.repeat(200),
    ].join('')
    const words = ["Couldn't find local patch", 'Error 0x80070001']
    const whole = scan([text], words)
    expect(whole.found.map(({ line }) => line)).toEqual([1501, 3002])
    fc.assert(
      fc.property(fc.integer({ min: 500, max: 200_000 }), size => {
        expect(scan(pieces(text, size), words)).toEqual(whole)
      }),
      { numRuns: 20 },
    )
  })

  it('counts lines as an editor does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'Error', '\n', '\r\n'), { maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        (parts, size) => {
          const text = parts.join('')
          const { lines } = scan(pieces(text, size), ['Error'])
          expect(lines).toBe(text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0))
        },
      ),
    )
  })

  it('hands out a bounded number of places of one line, however long that is', () => {
    const { found, lines } = scan([`${'Error 1 '.repeat(20_000)}\nError 1`], ['Error 1'])
    expect(lines).toBe(2)
    expect(found.filter(({ line }) => line === 1)).toHaveLength(500)
    expect(found.filter(({ line }) => line === 2)).toHaveLength(1)
  })

  it('knows the last lines that are not blank', () => {
    expect(scan(['a\nb\nc\n\n  \n'], []).last).toEqual([
      { line: 2, text: 'b' },
      { line: 3, text: 'c' },
    ])
  })
})
