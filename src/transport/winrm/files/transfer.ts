import { createHash } from 'node:crypto'
import { TransferError } from '../../../errors.js'
import { createLocal, localSize, readLocal } from '../../local-file.js'
import { behind, type HeldFile, hashed, resumeFromBytes, sameBytesIn } from '../../partial-upload.js'
import { damaged } from '../../transfer-errors.js'
import type { Transfer, TransferOptions } from '../../transport.js'
import { ask, type FileAgent } from './ask-agent.js'
import { type FileRequest, writeOffset } from './file-agent.js'

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
  const large = (await localSize(source)) >= resumeFromBytes
  const payloadBytes = await agent.payloadBytes(large)
  const sent = createHash('sha256')
  let bytes = 0
  let there = 0
  let taken = 0
  let offsetBytes = 0
  const onTaken = (count: number): void => {
    // The line with the offset is none of the file's bytes.
    const own = Math.min(count, offsetBytes)
    offsetBytes -= own
    if (count === own) return
    taken += count - own
    options.onProgress?.(taken)
  }
  async function* chunks(found: Promise<HeldFile | undefined>): AsyncGenerator<Uint8Array> {
    if (large) {
      yield new Uint8Array()
      const held = await found
      if (held === undefined) return
      there = await sameBytesIn(source, held)
      taken = there
      if (taken > 0) options.onProgress?.(taken)
      const offset = Buffer.from(writeOffset(there))
      offsetBytes = offset.length
      yield offset
    }
    bytes = there
    for await (const chunk of behind(there, hashed(readLocal(source, payloadBytes), sent, options.signal))) {
      bytes += chunk.length
      yield chunk
    }
  }
  const request: FileRequest = { verb: 'put', path, offset: large ? 'ask' : 0 }
  const { sha256: found } = await ask(agent, request, options, { chunks, onTaken })
  const sha256 = sent.digest('hex')
  // The program hashes what it writes anyway: only when that is right somebody else is asked.
  const { hash } = options
  const held = hash !== undefined && found === sha256 ? (await hash(destination)).toLowerCase() : found
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

function windowsPath(path: string): string {
  return path.replaceAll('/', '\\')
}
