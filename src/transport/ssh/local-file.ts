import { randomBytes } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { TransferError } from '../../errors.js'
import { chunkBytes } from './sftp.js'

/** Chunks a disk read brings at once. */
const chunksARead = 32

/** The bytes of a local file or of memory, in chunks of one request each. */
export async function* readLocal(source: string | Uint8Array): AsyncGenerator<Buffer, void, undefined> {
  if (typeof source !== 'string') {
    yield* slices(Buffer.from(source.buffer, source.byteOffset, source.byteLength))
    return
  }
  const handle = await local(source, () => open(source, 'r'))
  try {
    for (;;) {
      // A new buffer each time: the chunks of the last one may still be on their way.
      const { bytesRead, buffer } = await local(source, () =>
        handle.read(Buffer.allocUnsafe(chunkBytes * chunksARead), 0, chunkBytes * chunksARead, null),
      )
      if (bytesRead === 0) return
      yield* slices(buffer.subarray(0, bytesRead))
    }
  } finally {
    await handle.close()
  }
}

function* slices(bytes: Buffer): Generator<Buffer, void, undefined> {
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
