import fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { drawable, padCell, textWidth, truncate, wrapText } from '../../../src/output/dashboard/text-width.js'

const anyText = fc.string({ unit: 'binary', maxLength: 40 }).map(drawable)

describe('drawable', () => {
  it('lets nothing through that moves a cursor, rings a bell or hides', () => {
    fc.assert(
      fc.property(anyText, text => {
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
      }),
    )
    expect(drawable('\u001b[2Jgone\u0007\u009b31m\u202eevil\ud800')).toBe(' [2Jgone  31m evil\u{fffd}')
  })

  it('leaves letters of any script as they are', () => {
    expect(drawable('Zürich 東京 Ελλάδα')).toBe('Zürich 東京 Ελλάδα')
  })
})

describe('textWidth', () => {
  it('counts two columns for a wide character and none for a mark', () => {
    expect(textWidth('ex-東京-01')).toBe(10)
    expect(textWidth('e\u0301')).toBe(1)
  })

  it('agrees with string-width for every sign it takes the short way for', () => {
    for (let code = 0x20; code <= 0x2800; code++) {
      const text = drawable(String.fromCodePoint(code))
      expect([code.toString(16), textWidth(text)]).toEqual([code.toString(16), stringWidth(text)])
    }
  })
})

describe('truncate', () => {
  it('is never wider than asked, and shows that it has cut', () => {
    fc.assert(
      fc.property(anyText, fc.nat(30), (text, width) => {
        const cut = truncate(text, width, '…')
        expect(textWidth(cut)).toBeLessThanOrEqual(width)
        expect(cut === text || cut === '' || cut.endsWith('…')).toBe(true)
      }),
    )
  })

  it('does not cut a wide character in two', () => {
    expect(truncate('東京都', 4, '…')).toBe('東…')
  })
})

describe('padCell', () => {
  it('is exactly as wide as asked', () => {
    fc.assert(
      fc.property(anyText, fc.nat(30), fc.constantFrom('left' as const, 'right' as const), (text, width, align) => {
        expect(textWidth(padCell(text, width, '~', align))).toBe(width)
      }),
    )
  })
})

describe('wrapText', () => {
  it('loses no word and makes no line wider than asked', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z東é]{1,12}$/), { maxLength: 20 }),
        fc.integer({ min: 2, max: 40 }),
        (words, width) => {
          const lines = wrapText(words.join(' '), width)
          for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width)
          expect(lines.join('').replaceAll(' ', '')).toBe(words.join(''))
        },
      ),
    )
  })

  it('breaks between words where it can', () => {
    expect(wrapText('the cached file is missing', 12)).toEqual(['the cached', 'file is', 'missing'])
  })
})
