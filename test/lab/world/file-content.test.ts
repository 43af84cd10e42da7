import { readdirSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FileContent } from '../../../src/lab/world/file-content.js'
import { spillFolder } from './spill-folder.js'

describe('the bytes of a simulated file', () => {
  it('are what was appended, from any offset, in memory and spilled to disk', () => {
    const folder = spillFolder()
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(40_000), fc.nat(255)), { maxLength: 6 }),
        fc.nat(200_000),
        (pieces, offset) => {
          const content = new FileContent(folder)
          const expected = Buffer.concat(pieces.map(([bytes, value]) => Buffer.alloc(bytes, value)))
          for (const [bytes, value] of pieces) content.append(Buffer.alloc(bytes, value))
          expect(content.bytes).toBe(expected.length)
          expect(content.read().equals(expected)).toBe(true)
          expect(content.read(offset).equals(expected.subarray(offset))).toBe(true)
          content.drop()
        },
      ),
      { numRuns: 60 },
    )
  })

  it.each([10, 200_000])('of %i bytes are copied for good: what is appended to one is not in the other', bytes => {
    const one = new FileContent(spillFolder(), Buffer.alloc(bytes, 1))
    const two = one.copy()
    one.append(Buffer.from([2]))
    two.append(Buffer.from([3, 3]))
    expect([one.bytes, two.bytes]).toEqual([bytes + 1, bytes + 2])
    expect(one.read(bytes)).toEqual(Buffer.from([2]))
    expect(two.read(bytes)).toEqual(Buffer.from([3, 3]))
    expect(one.sha256).not.toBe(two.sha256)
  })

  it('keep large files out of memory, and give the disk back', () => {
    const folder = spillFolder()
    const content = new FileContent(folder, Buffer.alloc(1_000_000))
    expect(readdirSync(folder)).toHaveLength(1)
    content.drop()
    expect(readdirSync(folder)).toEqual([])
  })
})
