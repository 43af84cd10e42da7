import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { didYouMean, editsBetween } from '../../src/input/near.js'

const keys = ['host', 'port', 'roles', 'credential', 'internet_facing', 'password']

describe('didYouMean', () => {
  it.each([
    ['hots', 'host'],
    ['Port', 'port'],
    ['role', 'roles'],
    ['credentials', 'credential'],
    ['internet-facing', 'internet_facing'],
    ['internetFacing', 'internet_facing'],
    ['pasword', 'password'],
    ['pass', 'password'],
  ])('takes %s for %s', (word, meant) => {
    expect(didYouMean(word, keys)).toBe(meant)
  })

  it.each(['colour', 'x', '', '-', 'hostnames-of-every-server', 'zz'])('does not guess for %j', word => {
    expect(didYouMean(word, keys)).toBeUndefined()
  })

  it('takes the nearest of several', () => {
    expect(didYouMean('ex-cas-03', ['ex-cas-11', 'ex-cas-01', 'ex-mbx-03'])).toBe('ex-cas-01')
  })
})

describe('editsBetween', () => {
  it('counts a swap of neighbours as one edit', () => {
    expect(editsBetween('hots', 'host')).toBe(1)
    expect(editsBetween('abcd', 'bacd')).toBe(1)
  })

  it('is a distance: zero for the same word alone, and the same both ways', () => {
    const word = fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b', 'c') })
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editsBetween(a, b)).toBe(editsBetween(b, a))
        expect(editsBetween(a, b) === 0).toBe(a === b)
        expect(editsBetween(a, b)).toBeGreaterThanOrEqual(Math.abs(a.length - b.length))
        expect(editsBetween(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length))
      }),
    )
  })
})
