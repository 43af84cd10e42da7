import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WrittenBytes } from '../../../src/lab/endpoint/written-bytes.js'

const mebibyte = 1024 * 1024

describe('bytes that are written in pieces', () => {
  it('are those of one array, whatever the order and the places', () => {
    const place = fc.oneof(fc.nat(40), fc.integer({ min: mebibyte - 20, max: mebibyte + 20 }))
    const step = fc.oneof(
      fc.record({ at: place, data: fc.uint8Array({ minLength: 1, maxLength: 40 }) }),
      fc.record({ truncate: place }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), steps => {
        const written = new WrittenBytes()
        let model = Buffer.alloc(0)
        for (const one of steps) {
          if ('truncate' in one) {
            written.truncate(one.truncate)
            model = Buffer.concat([model, Buffer.alloc(Math.max(0, one.truncate - model.length))]).subarray(
              0,
              one.truncate,
            )
          } else {
            written.write(one.at, one.data)
            const end = Math.max(model.length, one.at + one.data.length)
            model = Buffer.concat([model, Buffer.alloc(end - model.length)])
            model.set(one.data, one.at)
          }
          expect(written.length).toBe(model.length)
        }
        expect(written.read(0, written.length).equals(model)).toBe(true)
        expect(written.read(mebibyte - 5, 10)).toEqual(Buffer.from(model.subarray(mebibyte - 5, mebibyte + 5)))
      }),
      { numRuns: 60 },
    )
  })
})
