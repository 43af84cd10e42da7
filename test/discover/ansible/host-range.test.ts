import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expandHosts } from '../../../src/discover/ansible/host-range.js'
import { readAnsible } from '../../../src/discover/ansible/read.js'
import { UsageError } from '../../../src/errors.js'

describe('expandHosts', () => {
  it.each([
    ['mbx[08:11].contoso.com', ['mbx08.contoso.com', 'mbx09.contoso.com', 'mbx10.contoso.com', 'mbx11.contoso.com']],
    ['db-[a:c]', ['db-a', 'db-b', 'db-c']],
    ['h[1:7:3]', ['h1', 'h4', 'h7']],
    ['[a:b][1:2]', ['a1', 'a2', 'b1', 'b2']],
    ['2001:db8::1', ['2001:db8::1']],
    ['plain', ['plain']],
  ])('%s', (pattern, hosts) => {
    expect(expandHosts(pattern)).toEqual(hosts)
  })

  it('writes out as many names as the range has steps, each once, all of the same width with leading zeros', () => {
    fc.assert(
      fc.property(
        fc.nat(99),
        fc.nat(99),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        (from, length, step, padded) => {
          const ends = [from, from + length].map(end => (padded ? String(end).padStart(3, '0') : String(end)))
          const hosts = expandHosts(`h[${ends.join(':')}:${step}]x`)
          expect(new Set(hosts).size).toBe(Math.floor(length / step) + 1)
          expect(hosts[0]).toBe(`h${ends[0]}x`)
          if (padded) expect(new Set(hosts.map(host => host.length))).toEqual(new Set([5]))
        },
      ),
    )
  })
})

describe('whatever a file holds', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '[cas]',
      '[',
      ']',
      ':',
      '\n',
      ' ',
      '=',
      '"',
      "'",
      '[1:3]',
      '[a:',
      '{',
      '- ',
      'hosts:',
      'all:\n',
      '!vault',
      '&a',
      '*a',
      '#',
      '\\',
    ),
    fc.string({ maxLength: 5 }),
  )
  const text = fc.array(piece, { maxLength: 25 }).map(pieces => pieces.join(''))

  it('is an inventory or is refused with a code', () => {
    fc.assert(
      fc.property(text, fc.constantFrom('hosts', 'hosts.ini', 'hosts.yml'), (text, file) => {
        try {
          for (const { roles } of readAnsible(text, file).servers) expect(roles.length).toBeGreaterThan(0)
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError)
        }
      }),
      { numRuns: 500 },
    )
  })
})
