import { createHash, type Hash } from 'node:crypto'
import { readLocal } from './local-file.js'

/** An upload of fewer bytes is sent again whole: to ask what is there would take as long. */
export const resumeFromBytes = 1024 * 1024

/** A file on a server. */
export interface HeldFile {
  bytes: number
  /** Lower-case hex. */
  sha256: string
}

/** How many bytes at the start of `source` the remote file is: an earlier upload that was cut, or all; 0 when it is something else. */
export async function sameBytesIn(source: string | Uint8Array, held: HeldFile): Promise<number> {
  if (held.bytes === 0) return 0
  const hash = createHash('sha256')
  return (await hashStart(source, held.bytes, hash)) && hash.digest('hex') === held.sha256 ? held.bytes : 0
}

/** False when `source` has fewer bytes. */
async function hashStart(source: string | Uint8Array, count: number, hash: Hash): Promise<boolean> {
  let left = count
  for await (const chunk of readLocal(source, 1024 * 1024)) {
    hash.update(chunk.subarray(0, left))
    left -= Math.min(left, chunk.length)
    if (left === 0) return true
  }
  return false
}

/** The bytes of `chunks` without the first `count`. */
export async function* behind(count: number, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let left = count
  for await (const chunk of chunks) {
    const rest = chunk.subarray(Math.min(left, chunk.length))
    left -= chunk.length - rest.length
    if (rest.length > 0) yield rest
  }
}

/** The same chunks, each also given to `hash`. Aborts with the signal's reason. */
export async function* hashed(
  chunks: AsyncIterable<Buffer>,
  hash: Hash,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    signal?.throwIfAborted()
    hash.update(chunk)
    yield chunk
  }
}
