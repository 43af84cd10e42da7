import { ToolError, TransferError } from '../../../errors.js'
import { FaultError, isFault } from '../wsman/client.js'
import type { InputPiece, Shell } from './shell.js'

/**
 * Bytes that are there, or that come chunk by chunk; `onTaken` hears of each that the server has taken. A chunk is sent when the next one
 * is there: an empty one brings the chunk before it on its way and is not sent itself.
 */
export type InputSource = Uint8Array | string | { chunks: AsyncIterable<Uint8Array>; onTaken?: (bytes: number) => void }

export interface Input {
  /** Rejects when the input could not be handed over; never resolves. */
  readonly failed: Promise<never>
  /** The command has ended, or is to: nothing more is sent. */
  stop(): void
}

/**
 * Sends `source` and end-of-file to a command, one message after the other. Where there is nothing but end-of-file, a service that
 * does not take it refuses nothing that the command would need.
 */
export function createInput(shell: Shell, commandId: string, source: InputSource = '', payloadBytes: number): Input {
  let stopped = false

  async function* pieces(): AsyncGenerator<InputPiece> {
    // One chunk is held back: the last one says that it is the last.
    let held: Uint8Array | undefined
    for await (const chunk of chunksOf(source, payloadBytes)) {
      if (stopped) return
      if (held !== undefined && held.length > 0) yield { data: held, end: false }
      held = chunk
    }
    if (!stopped) yield { data: held ?? new Uint8Array(), end: true }
  }

  const onTaken = typeof source === 'object' && 'chunks' in source ? source.onTaken : undefined
  const taken = (bytes: number): void => {
    if (!stopped && bytes > 0) onTaken?.(bytes)
  }
  const failed = new Promise<never>((_, reject) => {
    shell.sendAll(commandId, pieces(), taken).catch((error: unknown) => {
      const matters = !isNobodyReading(error) && !(isNothing(source) && isRefusal(error))
      if (!stopped && matters) reject(isFault(error, 'timedOut') ? uncertain(error) : error)
    })
  })
  failed.catch(() => undefined)
  return {
    failed,
    stop() {
      stopped = true
    },
  }
}

async function* chunksOf(source: InputSource, payloadBytes: number): AsyncGenerator<Uint8Array> {
  if (typeof source === 'object' && 'chunks' in source) {
    yield* source.chunks
    return
  }
  const bytes = typeof source === 'string' ? Buffer.from(source) : source
  for (let at = 0; at < bytes.length; at += payloadBytes) yield bytes.subarray(at, at + payloadBytes)
}

/** The command has ended, or closed its input: what it did not want is no error. */
function isNobodyReading(error: unknown): boolean {
  return isFault(error, 'notFound', 'operationAborted', 'brokenPipe', 'pipeClosing', 'invalidParameter')
}

function isNothing(source: InputSource): boolean {
  return !(typeof source === 'object' && 'chunks' in source) && source.length === 0
}

/** The service answered, and not with what it was asked for. */
function isRefusal(error: unknown): boolean {
  if (error instanceof FaultError) return true
  return error instanceof ToolError && (error.code === 'HTTP_STATUS' || error.code === 'ANSWER_INVALID')
}

/** ansible.windows#516: the server may have handed it on all the same, and twice would be wrong. */
function uncertain(cause: unknown): TransferError {
  return new TransferError('The server did not say in time whether the command got its input.', {
    code: 'INPUT_UNCERTAIN',
    hint: 'It was not sent again. Is the server overloaded? Call again once it has calmed down.',
    cause,
  })
}
