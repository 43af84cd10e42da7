import { closeSync, openSync, readSync } from 'node:fs'

/** One log to read: its name, and its bytes when they are wanted. They can be asked for once. */
export interface LogSource {
  path: string
  bytes(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>
}

/** What was named cannot be read as a log; the message says why and what to do. */
export class NotALog extends Error {}

/** Bytes read at a time: a log of any size is gone over in this much memory. */
const piece = 1 << 20

/** The bytes of a file, in one buffer that is used again: a piece is good until the next is asked for. */
export function* bytesOfFile(path: string): Generator<Uint8Array> {
  const file = openSync(path, 'r')
  try {
    const buffer = Buffer.allocUnsafe(piece)
    for (let count = read(file, buffer); count > 0; count = read(file, buffer)) yield buffer.subarray(0, count)
  } finally {
    closeSync(file)
  }
}

function read(file: number, buffer: Uint8Array): number {
  return readSync(file, buffer, 0, buffer.length, null)
}
