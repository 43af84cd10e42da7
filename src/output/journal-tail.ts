import { watch } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { RunEvent } from '../events/event.js'

export interface TailOptions {
  /** True once nobody writes the journal any more: what is there is read, then the tail ends. Asked when there is nothing new. */
  ended: () => boolean
  signal?: AbortSignal
  /** Milliseconds between two looks where the file system does not tell of changes. */
  pollMs?: number
}

/** Bytes of one read, so that a large journal comes in pieces. */
const pieceBytes = 1024 * 1024
const lineFeed = 0x0a

/**
 * Follows a journal that another process appends to, by offset: each group of whole lines as events, in order. A line without its LF is still
 * being written, or was cut off by a kill: it is waited for, and dropped at the end. Throws `SyntaxError` for damage before it.
 */
export async function* tailJournal(file: string, options: TailOptions): AsyncGenerator<readonly RunEvent[]> {
  const handle = await open(file, 'r')
  const bell = changes(file, options)
  try {
    let offset = 0
    for (;;) {
      // Asked before the read: what was written before the end is never missed.
      const last = options.ended()
      const { events, bytes } = await readEvents(handle, offset)
      offset += bytes
      if (events.length > 0) yield events
      if (options.signal?.aborted === true) return
      if (bytes > 0) continue
      if (last) return
      await bell.next()
    }
  } finally {
    bell.close()
    await handle.close()
  }
}

async function readEvents(handle: FileHandle, offset: number): Promise<{ events: RunEvent[]; bytes: number }> {
  for (let size = pieceBytes; ; size *= 2) {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, offset)
    const bytes = buffer.subarray(0, bytesRead).lastIndexOf(lineFeed) + 1
    // A single line longer than the piece: only a longer piece holds its end.
    if (bytes === 0 && bytesRead === size) continue
    const lines = buffer
      .toString('utf8', 0, bytes)
      .split('\n')
      .filter(line => line !== '')
    return { events: lines.map(line => JSON.parse(line) as RunEvent), bytes }
  }
}

/** Wakes on a change of the file, and every `pollMs` anyway: not every file system tells. */
function changes(file: string, { signal, pollMs = 250 }: TailOptions): { next(): Promise<void>; close(): void } {
  let wake: () => void = () => undefined
  let changed = false
  const ring = () => {
    changed = true
    wake()
  }
  const watcher = tryWatch(file, ring)
  signal?.addEventListener('abort', ring)
  return {
    async next() {
      if (!changed) {
        await new Promise<void>(resolve => {
          const timer = setTimeout(resolve, pollMs)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      changed = false
    },
    close() {
      watcher?.close()
      signal?.removeEventListener('abort', ring)
    },
  }
}

function tryWatch(file: string, ring: () => void) {
  try {
    return watch(file, ring).on('error', () => undefined)
  } catch {
    return undefined
  }
}
