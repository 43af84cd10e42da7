import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compilePhrases, flatten } from '../../src/diagnosis/phrases.js'

const finds = (phrases: readonly string[], text: string): readonly string[] => {
  const set = compilePhrases(phrases)
  const found = set.expression.exec(text)
  return found === null ? [] : set.of(found[0])
}

describe('phrases', () => {
  it.each([
    ["Couldn't find local patch", "**Couldn't find local patch** 'C:\\a.msp'"],
    ["Couldn't find local patch", 'Couldn\u2019t find\r\n  local patch'],
    ['Error 0x80070001:', 'CAQuietExec:  Error   0x80070001: x'],
    ['a.b (c) [d] $e ^f |g', 'a.b (c) [d] $e ^f |g'],
  ])('"%s" is found in "%s"', (phrase, text) => {
    expect(finds([phrase], text)).toEqual([phrase])
  })

  it('do not match other words: a dot is a dot', () => {
    expect(finds(['Error 1935.'], 'Error 19350')).toEqual([])
  })

  it('that are each found where they stand, together with those they begin with', () => {
    const word = fc.constantFrom('Error', 'Error 1', 'Error 19', 'Note: 1:', 'Note: 1: 1706', 'a*', '(b')
    fc.assert(
      fc.property(fc.uniqueArray(word, { minLength: 1 }), phrases => {
        for (const phrase of phrases) {
          const expected = phrases.filter(other => flatten(phrase).startsWith(flatten(other)))
          expect([...finds(phrases, phrase)].sort()).toEqual([...expected].sort())
        }
      }),
    )
  })

  it('of which there are none find nothing', () => {
    expect(finds([], 'anything')).toEqual([])
  })
})
