import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { watchListOf } from '../../src/diagnosis/apply-rules.js'
import { LogReader, type ReadLog, readLog } from '../../src/diagnosis/read-log.js'
import { rules } from '../../src/diagnosis/rules/index.js'
import { utf8, utf16 } from './log-bytes.js'
import { linesOf } from './rule-logs.js'

const watch = watchListOf(rules)
const filler = Array.from(
  { length: 1500 },
  (_, i) => `MSI (s) (F8:E0) [22:04:12:999]: Executing op: RegAddValue(Name=Version${i},Value=#${i},)`,
)

/** Long enough to be gone over as bytes, or short enough to be read as text. */
function log(name: string, large: boolean): string[] {
  const lines = linesOf(name)
  return large ? [...lines.slice(0, 12), ...filler, ...lines.slice(12)] : lines
}

function inPieces(bytes: Uint8Array, sizes: readonly number[]): ReadLog {
  const reader = new LogReader(watch)
  const buffer = new Uint8Array(Math.max(...sizes))
  for (let at = 0, i = 0; at < bytes.length; i += 1) {
    const piece = bytes.subarray(at, at + (sizes[i % sizes.length] ?? 1))
    // One buffer for all pieces, as a file is read: what was pushed is gone with the next.
    buffer.set(piece)
    reader.push(buffer.subarray(0, piece.length))
    at += piece.length
  }
  return reader.finish()
}

describe('a log', () => {
  const name = fc.constantFrom('missing-cached-patch.match', 'execution-policy.match', 'user-cancelled.match')
  const encode = fc.constantFrom(utf8, utf16)

  it('is the same however it is cut into pieces', () => {
    const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1000, max: 200_000 })), {
      minLength: 1,
      maxLength: 5,
    })
    fc.assert(
      fc.property(name, fc.boolean(), encode, sizes, (own, large, as, cuts) => {
        const bytes = as(log(own, large))
        expect(inPieces(bytes, large ? cuts.map(size => size + 200) : cuts)).toEqual(readLog(bytes, watch))
      }),
      { numRuns: 25 },
    )
  })

  it('has one encoding however it is cut, wherever its first character beyond ASCII stands', () => {
    const sizes = fc.array(fc.integer({ min: 200, max: 200_000 }), { minLength: 1, maxLength: 4 })
    const encoding = fc.constantFrom<BufferEncoding>('latin1', 'utf8', 'utf16le')
    fc.assert(
      fc.property(fc.nat(filler.length - 1), encoding, sizes, (place, as, cuts) => {
        const lines = log('execution-policy.match', true)
        lines[place + 12] += ' caf\u00e9'
        const bytes = Buffer.from(`${lines.join('\r\n')}\r\n`, as)
        expect(inPieces(bytes, cuts)).toEqual(readLog(bytes, watch))
      }),
      { numRuns: 40 },
    )
  })

  it('keeps its byte order mark out, when that is cut in two as well', () => {
    const bytes = utf16(log('execution-policy.match', true))
    expect(inPieces(bytes, [1, 1, 1, 70_000])).toEqual(readLog(bytes, watch))
  })

  it('is read to its end whatever its bytes are changed to, small and large', () => {
    const changes = fc.array(fc.tuple(fc.nat(1_000_000), fc.nat(255)), { maxLength: 60 })
    fc.assert(
      fc.property(name, fc.boolean(), encode, changes, (own, large, as, spoiled) => {
        const bytes = as(log(own, large))
        for (const [at, value] of spoiled) bytes[at % bytes.length] = value
        const read = readLog(bytes, watch)
        expect(read.bytes).toBe(bytes.length)
        for (const { lastLine } of read.attempts) expect(lastLine).toBeLessThanOrEqual(read.lines)
      }),
      { numRuns: 30 },
    )
  })

  it.each([
    ['NULs', Buffer.alloc(3_000_000)],
    ['one line of 50 MB', Buffer.alloc(50_000_000, 'A')],
    [
      'one line of nothing but words it looks for',
      Buffer.alloc(5_000_000, "Couldn't find local patch 'x' Action ended 1:00:00: A. Return value 3. "),
    ],
    ['line ends alone', Buffer.alloc(1_000_000, '\n')],
  ])('of %s is read, and holds nothing', (_, bytes) => {
    expect(readLog(bytes, watch).bytes).toBe(bytes.length)
  })
})
