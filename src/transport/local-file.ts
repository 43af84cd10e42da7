import { randomBytes } from 'node:crypto'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { TransferError } from '../errors.js'

/** What a disk read brings at once, in bytes, unless a chunk is larger. */
const readBytes = 1024 * 1024

/** Bytes of a local file or of memory. */
export async function localSize(source: string | Uint8Array): Promise<number> {
  return typeof source === 'string' ? (await local(source, () => stat(source))).size : source.length
}

/** The bytes of a local file or of memory from `start` on, in chunks of at most `chunkBytes`: one request each. */
export async function* readLocal(
  source: string | Uint8Array,
  chunkBytes: number,
  start = 0,
): AsyncGenerator<Buffer, void, undefined> {
  if (typeof source !== 'string') {
    yield* slices(Buffer.from(source.buffer, source.byteOffset, source.byteLength).subarray(start), chunkBytes)
    return
  }
  const wholeChunks = Math.max(1, Math.floor(readBytes / chunkBytes)) * chunkBytes
  const handle = await local(source, () => open(source, 'r'))
  try {
    for (let position = start; ; ) {
      // A new buffer each time: the chunks of the last one may still be on their way.
      const { bytesRead, buffer } = await local(source, () =>
        handle.read(Buffer.allocUnsafe(wholeChunks), 0, wholeChunks, position),
      )
      if (bytesRead === 0) return
      position += bytesRead
      yield* slices(buffer.subarray(0, bytesRead), chunkBytes)
    }
  } finally {
    await handle.close()
  }
}

function* slices(bytes: Buffer, chunkBytes: number): Generator<Buffer, void, undefined> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
}

export interface LocalTarget {
  write(chunk: Buffer): Promise<void>
  /** Gives the file its name. */
  keep(): Promise<void>
  /** Removes what was written, unless it was kept. */
  discard(): Promise<void>
}

/** A file that is written under another name beside `path` and gets its own only when it is whole. */
export async function createLocal(path: string): Promise<LocalTarget> {
  const part = `${path}.${randomBytes(4).toString('hex')}.part`
  const handle = await local(path, () => open(part, 'wx', 0o600))
  return {
    write: chunk => local(path, () => writeAll(handle, chunk)),
    async keep() {
      await local(path, async () => {
        await handle.close()
        await rename(part, path)
      })
    },
    async discard() {
      await handle.close().catch(() => undefined)
      await rm(part, { force: true })
    },
  }
}

async function writeAll(handle: FileHandle, chunk: Buffer): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await handle.write(chunk, at, chunk.length - at)).bytesWritten
}

async function local<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new TransferError(`${path} cannot be used on this machine (${code}).`, {
      code: 'LOCAL_FILE',
      hint: 'Check the path, its permissions and the free space. The folder has to exist.',
      cause: error,
    })
  }
}
