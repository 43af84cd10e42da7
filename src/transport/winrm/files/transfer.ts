import { createHash, type Hash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { TransferError } from '../../../errors.js'
import { createLocal, readLocal } from '../../local-file.js'
import type { Transfer, TransferOptions } from '../../transport.js'
import { ask, type FileAgent } from './ask-agent.js'

/** Smaller files are sent again whole: to ask what is there would take as long. */
const resumeFromBytes = 1024 * 1024
/** How often it is gone on after the server did not say whether it took a piece. */
const uncertainPieces = 3

/**
 * Sends a local file or bytes, goes on where an earlier upload of the same bytes was cut, and compares what the server has.
 *
 * Throws `TransferError`: `TRANSFER_DAMAGED` (the damaged file is removed), `CONNECTION_LOST`, `FILE_MISSING`, `ACCESS_DENIED`,
 * `TRANSFER_FAILED`, `LOCAL_FILE`; aborts with the signal's reason.
 */
export async function upload(
  agent: FileAgent,
  source: string | Uint8Array,
  destination: string,
  options: TransferOptions,
): Promise<Transfer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await uploadOnce(agent, source, destination, options)
    } catch (error) {
      // The piece is not sent again blindly: what the file holds by now says where to go on.
      const uncertain = error instanceof TransferError && error.code === 'INPUT_UNCERTAIN'
      if (!uncertain || attempt > uncertainPieces) throw error
    }
  }
}

async function uploadOnce(
  agent: FileAgent,
  source: string | Uint8Array,
  destination: string,
  options: TransferOptions,
): Promise<Transfer> {
  options.signal?.throwIfAborted()
  const path = windowsPath(destination)
  const large = (await sizeOf(source)) >= resumeFromBytes
  const there = large ? await sameBytesThere(agent, source, path, options) : 0
  const sent = createHash('sha256')
  let bytes = 0
  async function* chunks(): AsyncGenerator<Buffer> {
    for await (const chunk of readLocal(source, await agent.payloadBytes(large))) {
      options.signal?.throwIfAborted()
      sent.update(chunk)
      const before = bytes
      bytes += chunk.length
      if (bytes > there) yield before >= there ? chunk : chunk.subarray(there - before)
    }
  }
  let taken = there
  if (taken > 0) options.onProgress?.(taken)
  const onTaken = (count: number): void => {
    taken += count
    options.onProgress?.(taken)
  }
  const { sha256: found } = await ask(agent, { verb: 'put', path, offset: there }, options, {
    chunks: chunks(),
    onTaken,
  })
  const sha256 = sent.digest('hex')
  const held = options.hash === undefined ? found : (await options.hash(destination)).toLowerCase()
  if (held !== sha256) {
    await ask(agent, { verb: 'remove', path, offset: 0 }, {}).catch(() => undefined)
    throw damaged(destination, sha256, held)
  }
  return { bytes, sha256 }
}

/**
 * Fetches a remote file and compares it with the server's. It is written beside `destination` and gets its name when it is whole.
 * Throws as `upload` does.
 */
export async function download(
  agent: FileAgent,
  source: string,
  destination: string,
  options: TransferOptions,
): Promise<Transfer> {
  options.signal?.throwIfAborted()
  const target = await createLocal(destination)
  try {
    const received = createHash('sha256')
    let bytes = 0
    const take = async (chunk: Buffer): Promise<void> => {
      received.update(chunk)
      await target.write(chunk)
      bytes += chunk.length
      options.onProgress?.(bytes)
    }
    const answer = await ask(agent, { verb: 'get', path: windowsPath(source), offset: 0 }, options, undefined, take)
    const sha256 = received.digest('hex')
    const there = options.hash === undefined ? answer.sha256 : (await options.hash(source)).toLowerCase()
    if (there !== sha256) throw damaged(source, there, sha256)
    await target.keep()
    return { bytes, sha256 }
  } finally {
    await target.discard()
  }
}

/** How many bytes at the start of the remote file are those of `source`: an earlier upload that was cut, or all. */
async function sameBytesThere(
  agent: FileAgent,
  source: string | Uint8Array,
  path: string,
  { signal }: TransferOptions,
): Promise<number> {
  const found = await ask(agent, { verb: 'hash', path, offset: 0 }, { ...(signal !== undefined && { signal }) }).catch(
    (error: unknown) => {
      if (error instanceof TransferError && error.code === 'FILE_MISSING') return undefined
      throw error
    },
  )
  if (found === undefined || found.bytes === 0) return 0
  const hash = createHash('sha256')
  return (await hashStart(source, found.bytes, hash)) && hash.digest('hex') === found.sha256 ? found.bytes : 0
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

async function sizeOf(source: string | Uint8Array): Promise<number> {
  if (typeof source !== 'string') return source.length
  try {
    return (await stat(source)).size
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new TransferError(`${source} cannot be used on this machine (${code}).`, {
      code: 'LOCAL_FILE',
      hint: 'Check the path and its permissions.',
      cause: error,
    })
  }
}

function windowsPath(path: string): string {
  return path.replaceAll('/', '\\')
}

function damaged(path: string, expected: string, actual: string): TransferError {
  return new TransferError(`${path} was damaged on its way: SHA-256 ${actual} instead of ${expected}.`, {
    code: 'TRANSFER_DAMAGED',
    hint: 'Transfer it again. If it happens again, something between here and the server alters data, or the file changes.',
  })
}
