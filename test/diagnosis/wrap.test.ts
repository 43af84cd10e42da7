import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { columns, cut, wrap } from '../../src/diagnosis/wrap.js'

const safe = (text: string): string => text

describe('wrap', () => {
  it('breaks at blanks and indents the lines after the first', () => {
    expect(wrap('one two three four', { width: 14, safe, indent: 1, hanging: 3 })).toEqual([
      ' one two three',
      '   four',
    ])
  })

  it('cuts a word that is longer than a line, and loses nothing', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.integer({ min: 20, max: 60 }), (text, width) => {
        const lines = wrap(text, { width, safe, indent: 2, hanging: 4 })
        expect(lines.every(line => columns(line) <= width)).toBe(true)
        expect(lines.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''))
      }),
    )
  })

  it('makes nothing of nothing', () => {
    expect(wrap('', { width: 80, safe })).toEqual([])
  })
})

describe('cut', () => {
  it('keeps the blanks of a log line', () => {
    expect(cut('  a  b', { width: 80, safe })).toEqual(['  a  b'])
  })

  it('counts two columns for a Chinese character', () => {
    expect(cut('\u64cd\u4f5c\u7ed3\u675f 23:49:51', { width: 12, safe })).toEqual([
      '\u64cd\u4f5c\u7ed3\u675f 23:',
      '49:51',
    ])
  })
})
