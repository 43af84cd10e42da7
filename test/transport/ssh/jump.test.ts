import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJump } from '../../../src/transport/ssh/jump.js'

describe('parseJump', () => {
  it.for([
    ['bastion.contoso.com', { host: 'bastion.contoso.com', port: 22 }],
    ['bastion:2222', { host: 'bastion', port: 2222 }],
    ['ops@bastion', { username: 'ops', host: 'bastion', port: 22 }],
    ['ops@contoso.com@bastion:2222', { username: 'ops@contoso.com', host: 'bastion', port: 2222 }],
    ['CONTOSO\\ops@10.0.0.1:22', { username: 'CONTOSO\\ops', host: '10.0.0.1', port: 22 }],
    ['[fe80::1]:2222', { host: 'fe80::1', port: 2222 }],
    ['fe80::1', { host: 'fe80::1', port: 22 }],
  ] as const)('reads %s', ([text, expected]) => {
    expect(parseJump(text)).toEqual(expected)
  })

  it.for(['', '@bastion', 'bastion:', 'bastion:0', 'bastion:65536', 'bastion:ssh', 'a b', 'a:1:x'])(
    'refuses %j',
    text => {
      expect(parseJump(text)).toBeUndefined()
    },
  )

  it('reads back what it was written from', () => {
    const host = fc.string({ unit: fc.constantFrom('a', 'b', '-', '.', '1'), minLength: 1, maxLength: 20 })
    const username = fc.option(fc.string({ unit: fc.constantFrom('a', '@', '\\', '.'), minLength: 1 }), {
      nil: undefined,
    })
    fc.assert(
      fc.property(username, host, fc.integer({ min: 1, max: 65535 }), (user, name, port) => {
        const text = `${user === undefined ? '' : `${user}@`}${name}:${port}`
        expect(parseJump(text)).toEqual(
          user === undefined ? { host: name, port } : { username: user, host: name, port },
        )
      }),
    )
  })
})
