import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { behind, type HeldFile, hashed, sameBytesIn } from '../../src/transport/partial-upload.js'

const bytes = fc.uint8Array({ maxLength: 200 })
const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex')
const held = (data: Uint8Array): HeldFile => ({ bytes: data.length, sha256: sha256(data) })

async function* inChunks(data: Uint8Array, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length; at += size) yield Buffer.from(data.subarray(at, at + size))
}

async function joined(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

describe('an upload that goes on', () => {
  it('begins behind what the server has of the same bytes, and at 0 over anything else', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, bytes, fc.nat(200), async (source, other, count) => {
        const start = source.subarray(0, Math.min(count, source.length))
        expect(await sameBytesIn(source, held(start))).toBe(start.length)
        const isStart = Buffer.from(source.subarray(0, other.length)).equals(other)
        expect(await sameBytesIn(source, held(other))).toBe(isStart ? other.length : 0)
      }),
    )
  })

  it('sends the rest and hashes the whole, however it is cut into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, fc.nat(250), fc.integer({ min: 1, max: 60 }), async (source, count, size) => {
        const sum = createHash('sha256')
        const rest = await joined(behind(count, hashed(inChunks(source, size), sum, undefined)))
        expect(rest).toEqual(Buffer.from(source.subarray(count)))
        expect(sum.digest('hex')).toBe(sha256(source))
      }),
    )
  })
})
