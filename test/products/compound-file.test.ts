import cfb from 'cfb'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isCompoundFile, readCompoundFile } from '../../src/products/compound-file.js'

function containerWith(streams: Record<string, Uint8Array>): Buffer {
  const container = cfb.utils.cfb_new({ CLSID: '86100c0000000000c000000000000046' })
  for (const [name, bytes] of Object.entries(streams)) cfb.utils.cfb_add(container, name, Buffer.from(bytes))
  return cfb.write(container, { type: 'buffer' }) as Buffer
}

describe('readCompoundFile', () => {
  it('gives back streams of any size, in the small-stream area, in sectors, and at the borders between', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 63, 64, 65, 4095, 4096, 4097, 9000), fc.nat(255), (length, value) => {
        const one = new Uint8Array(length).fill(value)
        const other = new Uint8Array(700).fill(7)
        const file = readCompoundFile(containerWith({ one, other }))
        expect(file.stream('one')).toEqual(one)
        expect(file.stream('other')).toEqual(other)
        expect(file.stream('none')).toBeUndefined()
      }),
      { numRuns: 20 },
    )
  })

  it('tells the class of the root storage in the usual writing', () => {
    expect(readCompoundFile(containerWith({ one: Buffer.alloc(9) })).rootClass).toBe(
      '{000c1086-0000-0000-c000-000000000046}',
    )
  })

  it('reads a file so big that the list of allocation sectors leaves the header', () => {
    // 109 allocation sectors in the header reach 7 MB, 127 more in the first sector of the list 15 MB: this takes two.
    const big = Buffer.alloc(17 * 1024 * 1024, 'exroll')
    const file = readCompoundFile(containerWith({ big }))
    expect(Buffer.compare(file.stream('big') ?? Buffer.alloc(0), big)).toBe(0)
  })

  it('refuses what is no compound file, also what the library would read as one', () => {
    for (const text of ['', 'PK\u0003\u0004', 'MIME-Version: 1.0', '\ud0cf'])
      expect(() => readCompoundFile(Buffer.from(text))).toThrow(RangeError)
    expect(isCompoundFile(Buffer.from('PK'))).toBe(false)
  })
})
