import { createHash } from 'node:crypto'
import { ToolError, TransferError } from '../../errors.js'
import { createLocal, localSize, readLocal } from '../local-file.js'
import { behind, hashed, resumeFromBytes } from '../partial-upload.js'
import { damaged } from '../transfer-errors.js'
import type { Transfer, TransferOptions } from '../transport.js'
import { endOfRemote, readRemote, removeRemote, writeRemote } from './remote-file.js'
import type { Sftp, SftpChannel } from './sftp.js'
import { sftpPath } from './sftp-path.js'

/** So many bytes at the end of a remote file are compared with those of the local one at the same place, before it is gone on with. */
const comparedBytes = 64 * 1024

/**
 * Sends a local file or bytes, goes on where an earlier upload of the same bytes was cut, and compares what the server has with what
 * was sent. SFTP has no hash of what is there: its end is compared, and when the whole turns out to be something else it is sent anew.
 *
 * Throws `TransferError`: `TRANSFER_DAMAGED` (the damaged file is removed), `CONNECTION_LOST`, `FILE_MISSING`,
 * `ACCESS_DENIED`, `TRANSFER_FAILED`, `LOCAL_FILE`, `SFTP_REFUSED`; aborts with the signal's reason.
 */
export function upload(
  sftp: Sftp,
  source: string | Uint8Array,
  destination: string,
  options: TransferOptions,
): Promise<Transfer> {
  const path = sftpPath(destination)
  return transferring(destination, options.signal, () =>
    sftp.use(async channel => {
      const large = (await localSize(source)) >= resumeFromBytes
      for (let start = large ? await startOfRest(channel, path, source) : 0; ; start = 0) {
        const sent = createHash('sha256')
        const count = counter(options, start)
        const chunks = behind(start, hashed(readLocal(source, channel.writeBytes), sent, options.signal))
        await writeRemote(channel, path, { chunks, start, onWritten: count.add })
        const sha256 = sent.digest('hex')
        const there = await hashThere(channel, destination, options)
        if (there === sha256) return { bytes: count.total(), sha256 }
        await removeRemote(channel, path).catch(() => undefined)
        if (start === 0) throw damaged(destination, sha256, there)
      }
    }),
  )
}

/** Where an upload goes on: behind what the server has of the same bytes. 0 when it has nothing, more, or something else. */
async function startOfRest(channel: SftpChannel, path: string, source: string | Uint8Array): Promise<number> {
  const there = await endOfRemote(channel, path, comparedBytes)
  if (there === undefined || there.size === 0) return 0
  for await (const chunk of readLocal(source, there.end.length, there.size - there.end.length)) {
    return chunk.equals(there.end) ? there.size : 0
  }
  return 0
}

/**
 * Fetches a remote file and compares it with the server's. It is written beside `destination` and gets its name when
 * it is whole. Throws as `upload` does.
 */
export function download(sftp: Sftp, source: string, destination: string, options: TransferOptions): Promise<Transfer> {
  return transferring(source, options.signal, () =>
    sftp.use(async channel => {
      const target = await createLocal(destination)
      try {
        const received = createHash('sha256')
        const count = counter(options)
        for await (const chunk of hashed(readRemote(channel, sftpPath(source)), received, options.signal)) {
          await target.write(chunk)
          count.add(chunk.length)
        }
        const sha256 = received.digest('hex')
        const there = await hashThere(channel, source, options)
        if (there !== sha256) throw damaged(source, there, sha256)
        await target.keep()
        return { bytes: count.total(), sha256 }
      } finally {
        await target.discard()
      }
    }),
  )
}

/** The far end's hash: asked for, or found by reading the file (back). */
async function hashThere(channel: SftpChannel, path: string, { hash, signal }: TransferOptions): Promise<string> {
  signal?.throwIfAborted()
  if (hash !== undefined) return (await hash(path)).toLowerCase()
  const read = createHash('sha256')
  for await (const _ of hashed(readRemote(channel, sftpPath(path)), read, signal));
  return read.digest('hex')
}

function counter({ onProgress }: TransferOptions, start = 0): { add: (bytes: number) => void; total: () => number } {
  let total = start
  if (start > 0) onProgress?.(start)
  return {
    add(bytes) {
      total += bytes
      onProgress?.(total)
    },
    total: () => total,
  }
}

async function transferring<T>(path: string, signal: AbortSignal | undefined, act: () => Promise<T>): Promise<T> {
  signal?.throwIfAborted()
  try {
    return await act()
  } catch (error) {
    if (error instanceof ToolError || signal?.aborted === true) throw error
    throw sftpError(path, error)
  }
}

/** SFTP status codes (draft-ietf-secsh-filexfer-02, section 7). */
const statuses: Readonly<Record<number, { code: string; what: string; hint: string }>> = {
  2: { code: 'FILE_MISSING', what: 'is not there', hint: 'Check the path; its folder has to exist on the server.' },
  3: {
    code: 'ACCESS_DENIED',
    what: 'may not be used by this account',
    hint: 'The account needs the rights of an administrator on the server.',
  },
}

function sftpError(path: string, error: unknown): TransferError {
  const status = error instanceof Error && 'code' in error ? Number(error.code) : Number.NaN
  const known = statuses[status]
  if (known !== undefined) {
    return new TransferError(`${path} ${known.what} (SFTP).`, { code: known.code, hint: known.hint, cause: error })
  }
  const said = error instanceof Error ? error.message : String(error)
  return new TransferError(`${path} could not be transferred: ${said}.`, {
    code: 'TRANSFER_FAILED',
    hint: 'Is there enough space, and is the file not in use on the server?',
    cause: error,
  })
}
