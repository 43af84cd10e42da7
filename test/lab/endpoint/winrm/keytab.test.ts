import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UsageError } from '../../../../src/errors.js'
import { loadKeytab, readKeytab } from '../../../../src/lab/endpoint/winrm/keytab.js'
import { KerberosError } from '../../../../src/transport/winrm/kerberos/kerberos-error.js'

const short = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff])
const long = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
const text = (value: string | Buffer): Buffer => Buffer.concat([short(value.length), Buffer.from(value)])

/** An entry of a keytab; `wide` = its key's version as 32 bits at the end, as newer programs write it. */
function entry(version: number, key: Buffer, wide?: number): Buffer {
  const bytes = Buffer.concat([
    short(2),
    text('EXLAB.EXAMPLE'),
    text('HTTP'),
    text('localhost'),
    long(1),
    long(0),
    Buffer.of(version),
    short(18),
    text(key),
    ...(wide === undefined ? [] : [long(wide)]),
  ])
  return Buffer.concat([long(bytes.length), bytes])
}

const hole = Buffer.concat([long(-20), Buffer.alloc(20, 0xff)])
const [first, second] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
const whole = Buffer.concat([short(0x0502), entry(2, first), hole, entry(1, second, 257)])

describe('a keytab', () => {
  it('gives its entries, without the holes that removed ones left', () => {
    const of = { realm: 'EXLAB.EXAMPLE', principal: ['HTTP', 'localhost'] }
    expect(readKeytab(whole)).toEqual([
      { ...of, version: 2, key: { type: 18, value: first } },
      { ...of, version: 257, key: { type: 18, value: second } },
    ])
  })

  it('that is cut or damaged is an error of its own', () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, byte, length) => {
        const bytes = Buffer.from(whole)
        bytes[at] = byte
        try {
          readKeytab(bytes.subarray(0, length))
        } catch (error) {
          expect(error).toBeInstanceOf(KerberosError)
        }
      }),
    )
  })

  it('is named as KRB5_KTNAME names it; one that is none is told of with the way to make one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'exroll-keytab-'))
    try {
      writeFileSync(join(folder, 'keytab'), whole)
      writeFileSync(join(folder, 'text'), 'no keytab')
      expect(await loadKeytab(`FILE:${join(folder, 'keytab')}`)).toHaveLength(2)
      for (const name of ['text', 'nothing']) {
        const error = await loadKeytab(join(folder, name)).catch((error: unknown) => error)
        expect(error).toBeInstanceOf(UsageError)
        expect(error).toMatchObject({ code: 'LAB_OPTIONS', hint: expect.stringContaining('ktadd') })
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
