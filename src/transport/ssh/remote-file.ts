import type { Stats } from 'ssh2'
import { bytesInFlight, chunkBytes, type SftpChannel } from './sftp.js'

/** Reads a remote file from its start, in order, with many requests on their way. Ends at the size it had at first. */
export async function* readRemote(channel: SftpChannel, path: string): AsyncGenerator<Buffer, void, undefined> {
  const handle = await channel.request<Buffer>((sftp, answer) => sftp.open(path, 'r', answer))
  const ahead: Promise<Buffer>[] = []
  try {
    const size = await sizeOf(channel, handle, path)
    let asked = 0
    while (asked < size || ahead.length > 0) {
      while (asked < size && ahead.length < bytesInFlight / chunkBytes) {
        const length = Math.min(chunkBytes, size - asked)
        ahead.push(handled(readFully(channel, handle, asked, length)))
        asked += length
      }
      const chunk = await ahead.shift()
      // The file has become shorter since.
      if (chunk === undefined || chunk.length === 0) return
      yield chunk
    }
  } finally {
    await Promise.allSettled(ahead)
    await closeQuietly(channel, handle)
  }
}

/** Writes `chunks` one after the other: into a new or emptied remote file, or into the one that is there from `start` on. */
export async function writeRemote(
  channel: SftpChannel,
  path: string,
  { chunks, start, onWritten }: { chunks: AsyncIterable<Buffer>; start: number; onWritten: (bytes: number) => void },
): Promise<void> {
  const mode = start === 0 ? 'w' : 'r+'
  const handle = await channel.request<Buffer>((sftp, answer) => sftp.open(path, mode, answer))
  const onTheirWay: Promise<void>[] = []
  try {
    let position = start
    for await (const chunk of chunks) {
      if (onTheirWay.length >= bytesInFlight / channel.writeBytes) await onTheirWay.shift()
      onTheirWay.push(handled(writeAt(channel, handle, chunk, position).then(() => onWritten(chunk.length))))
      position += chunk.length
    }
    await Promise.all(onTheirWay)
  } catch (error) {
    await Promise.allSettled(onTheirWay)
    await closeQuietly(channel, handle)
    throw error
  }
  // Not quietly: a full disk or a quota may show only now.
  await closeHandle(channel, handle)
}

/** Size of a remote file and its last `count` bytes; undefined when there is none that can be read. */
export async function endOfRemote(
  channel: SftpChannel,
  path: string,
  count: number,
): Promise<{ size: number; end: Buffer } | undefined> {
  let handle: Buffer | undefined
  try {
    const opened = await channel.request<Buffer>((sftp, answer) => sftp.open(path, 'r', answer))
    handle = opened
    const size = await sizeOf(channel, opened, path)
    const length = Math.min(count, size)
    const end = await readFully(channel, opened, size - length, length)
    return end.length === length ? { size, end } : undefined
  } catch (error) {
    if (!channel.isOpen()) throw error
    return undefined
  } finally {
    if (handle !== undefined) await closeQuietly(channel, handle)
  }
}

export function removeRemote(channel: SftpChannel, path: string): Promise<void> {
  return channel.request<void>((sftp, answer) => sftp.unlink(path, error => answer(error, undefined)))
}

async function sizeOf(channel: SftpChannel, handle: Buffer, path: string): Promise<number> {
  try {
    return (await channel.request<Stats>((sftp, answer) => sftp.fstat(handle, answer))).size
  } catch (error) {
    if (!channel.isOpen()) throw error
    // Some servers answer only by name.
    return (await channel.request<Stats>((sftp, answer) => sftp.stat(path, answer))).size
  }
}

/** A server may answer with less than was asked for; less than `length` is returned only at the end of the file. */
async function readFully(channel: SftpChannel, handle: Buffer, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const at = filled
    const bytes = await channel.request<number>((sftp, answer) =>
      sftp.read(handle, buffer, at, length - at, position + at, answer),
    )
    if (bytes === 0) break
    filled += bytes
  }
  return buffer.subarray(0, filled)
}

function writeAt(channel: SftpChannel, handle: Buffer, chunk: Buffer, position: number): Promise<void> {
  return channel.request<void>((sftp, answer) =>
    sftp.write(handle, chunk, 0, chunk.length, position, error => answer(error, undefined)),
  )
}

function closeHandle(channel: SftpChannel, handle: Buffer): Promise<void> {
  return channel.request<void>((sftp, answer) => sftp.close(handle, error => answer(error, undefined)))
}

async function closeQuietly(channel: SftpChannel, handle: Buffer): Promise<void> {
  await closeHandle(channel, handle).catch(() => undefined)
}

/** It may fail while an earlier one is still awaited; whoever awaits it sees the error all the same. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}
