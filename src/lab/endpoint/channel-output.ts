import type { ServerChannel } from 'ssh2'

/** Writes to both streams of a channel in the order they were asked for, and says when all of it has gone out. */
export class ChannelOutput {
  readonly #channel: ServerChannel
  readonly #waiting: { data: Buffer; error: boolean }[] = []
  #busy = false
  #gone = false
  #whenIdle: (() => void)[] = []

  /** `signal` = the channel is gone: what waits is dropped. */
  constructor(channel: ServerChannel, signal: AbortSignal) {
    this.#channel = channel
    signal.addEventListener('abort', () => {
      this.#gone = true
      this.#waiting.length = 0
      this.#tellIdle()
    })
  }

  stdout(data: Uint8Array | string): void {
    this.#put(data, false)
  }

  stderr(data: Uint8Array | string): void {
    this.#put(data, true)
  }

  /** Resolves when everything was handed to the connection, or the channel is gone. */
  drained(): Promise<void> {
    if (this.#gone || (!this.#busy && this.#waiting.length === 0)) return Promise.resolve()
    return new Promise(resolve => this.#whenIdle.push(resolve))
  }

  #put(data: Uint8Array | string, error: boolean): void {
    if (this.#gone || data.length === 0) return
    this.#waiting.push({ data: typeof data === 'string' ? Buffer.from(data) : Buffer.from(data), error })
    this.#next()
  }

  #next(): void {
    if (this.#busy) return
    const piece = this.#waiting.shift()
    if (piece === undefined) {
      this.#tellIdle()
      return
    }
    this.#busy = true
    const stream = piece.error ? this.#channel.stderr : this.#channel
    stream.write(piece.data, () => {
      forgetHeldBack(this.#channel)
      this.#busy = false
      this.#next()
    })
  }

  #tellIdle(): void {
    const listeners = this.#whenIdle
    this.#whenIdle = []
    for (const tell of listeners) tell()
  }
}

/**
 * ssh2 1.17 (Channel.js, server.js CHANNEL_WINDOW_ADJUST) keeps a chunk that waited for window space after it was sent,
 * and sends it again if the other stream has to wait later. Only one write is under way here, so all are stale now.
 */
function forgetHeldBack(channel: ServerChannel): void {
  Object.assign(channel, { _chunk: undefined, _chunkcb: undefined, _chunkErr: undefined, _chunkcbErr: undefined })
}
