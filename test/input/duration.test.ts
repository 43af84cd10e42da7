import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { durationSchema, parseDuration } from '../../src/input/duration.js'

describe('parseDuration', () => {
  it.each([
    ['0s', 0],
    ['90s', 90_000],
    ['15m', 900_000],
    ['2h', 7_200_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
    ['1d', 86_400_000],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each(['', '5', 's', '-1s', '5 m', '1e3s', '15M', 'PT5M', '25d', '1h30'])('refuses %j', text => {
    expect(parseDuration(text)).toBeUndefined()
  })

  it('adds the parts up', () => {
    const amount = fc.integer({ min: 0, max: 100 })
    fc.assert(
      fc.property(amount, amount, amount, (h, m, s) => {
        expect(parseDuration(`${h}h${m}m${s}s`)).toBe(((h * 60 + m) * 60 + s) * 1000)
      }),
    )
  })
})

describe('durationSchema', () => {
  it('gives milliseconds', () => {
    expect(durationSchema.parse('15m')).toBe(900_000)
  })

  it('says what a duration is where there is none', () => {
    expect(durationSchema.safeParse(5).error?.issues[0]?.message).toMatch(/a number and a unit/)
    expect(durationSchema.safeParse('soon').error?.issues.map(({ message }) => message)).toEqual([
      'must be a duration: a number and a unit (s, m, h)',
    ])
    expect(durationSchema.safeParse('30d').error?.issues[0]?.message).toMatch(/24 days/)
  })
})
