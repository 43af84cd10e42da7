import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesPattern } from '../../../src/transport/ssh/pattern.js'

describe('matchesPattern', () => {
  it.for([
    ['server', 'server', true],
    ['server', 'SERVER', true],
    ['server', 'serve', false],
    ['server', 'server?', false],
    ['server', '?erve?', true],
    ['ex-cas-01.contoso.com', '*.contoso.com', true],
    ['contoso.com', '*.contoso.com', false],
    ['[10.0.0.1]:2222', '[10.0.0.*]:2222', true],
    ['a+b', 'a+b', true],
    ['aab', 'a+b', false],
    ['', '', true],
    ['', '*', true],
    ['', '?', false],
  ] as const)('%s against %s: %s', ([text, pattern, expected]) => {
    expect(matchesPattern(text, pattern)).toBe(expected)
  })

  it('agrees with the same pattern written as a regular expression', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '[', 'A'), maxLength: 12 })
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '[', '*', '?'), maxLength: 8 })
    fc.assert(
      fc.property(text, pattern, (subject, glob) => {
        const written = glob.replace(/[.[]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')
        expect(matchesPattern(subject, glob)).toBe(new RegExp(`^${written}$`, 'i').test(subject))
      }),
      { numRuns: 2000 },
    )
  })

  it('finds what a text was made a pattern of', () => {
    const plain = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '.', ':'), minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(plain, fc.nat(), fc.nat(), (text, a, b) => {
        const [from, to] = [a % (text.length + 1), b % (text.length + 1)].sort((x, y) => x - y)
        expect(matchesPattern(text, `${text.slice(0, from)}*${text.slice(to)}`)).toBe(true)
        expect(matchesPattern(text, '?'.repeat(text.length))).toBe(true)
        expect(matchesPattern(text, `${'?'.repeat(text.length)}?`)).toBe(false)
      }),
    )
  })

  it('is done soon with a pattern made to take long', () => {
    expect(matchesPattern('a'.repeat(2000), `${'*a'.repeat(500)}b`)).toBe(false)
  })
})
