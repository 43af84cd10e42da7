import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KerberosError } from '../../../../src/transport/winrm/kerberos/kerberos-error.js'
import { findTicketKey, readTicketCache } from '../../../../src/transport/winrm/kerberos/ticket-cache.js'
import { cacheFile } from './cache-file.js'

const tickets = [
  { key: Buffer.alloc(32, 1), ticket: Buffer.from('first') },
  { key: Buffer.alloc(32, 2), ticket: Buffer.from('second') },
]

describe('a ticket cache', () => {
  it.for([3, 4] as const)('of version %i gives its tickets with their keys', version => {
    expect(readTicketCache(cacheFile(version, tickets))).toEqual(
      tickets.map(({ key, ticket }) => ({ key: { type: 18, value: key }, ticket })),
    )
  })

  it('that is cut or damaged is an error of its own', () => {
    const whole = cacheFile(4, tickets)
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(whole.length), fc.nat(255), (at, length, byte) => {
        const bytes = Buffer.from(whole)
        bytes[at] = byte
        try {
          readTicketCache(bytes.subarray(0, length))
        } catch (error) {
          expect(error).toBeInstanceOf(KerberosError)
        }
      }),
    )
  })
})

describe('the key of a ticket', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'exroll-cache-'))
    writeFileSync(join(folder, 'tickets'), cacheFile(4, tickets))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const find = (env: Record<string, string>, ticket = 'second') =>
    findTicketKey(Buffer.from(ticket), { env: { KRB5_CONFIG: join(folder, 'krb5.conf'), ...env }, uid: 1234 })

  it.for<[string, () => Record<string, string>]>([
    ['the file that KRB5CCNAME names', () => ({ KRB5CCNAME: `FILE:${join(folder, 'tickets')}` })],
    ['the same without its kind', () => ({ KRB5CCNAME: join(folder, 'tickets') })],
    [
      'the primary cache of a collection',
      () => {
        writeFileSync(join(folder, 'primary'), 'tickets\n')
        return { KRB5CCNAME: `DIR:${folder}` }
      },
    ],
    ['one cache of a collection', () => ({ KRB5CCNAME: `DIR::${join(folder, 'tickets')}` })],
    [
      'the default of krb5.conf',
      () => {
        writeFileSync(join(folder, '1234'), cacheFile(4, tickets))
        writeFileSync(join(folder, 'krb5.conf'), `[libdefaults]\n default_ccache_name = FILE:${folder}/%{uid}\n`)
        return {}
      },
    ],
  ])('comes out of %s', async ([, prepare]) => {
    expect(await find(prepare())).toEqual({ type: 18, value: Buffer.alloc(32, 2) })
  })

  it.for<[string, string, RegExp]>([
    ['a cache of the kernel', 'KEYRING:persistent:1234', /KEYRING/],
    ['a file that is not there', 'FILE:/nowhere/tickets', /\/nowhere\/tickets.*ENOENT/],
  ])('is not in %s, which is said', async ([, name, message]) => {
    await expect(find({ KRB5CCNAME: name })).rejects.toThrow(message)
    await expect(find({ KRB5CCNAME: name })).rejects.toBeInstanceOf(KerberosError)
  })

  it('is not that of another ticket', async () => {
    await expect(find({ KRB5CCNAME: join(folder, 'tickets') }, 'third')).rejects.toThrow(/does not hold/)
  })
})
