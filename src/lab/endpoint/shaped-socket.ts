import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/** How a line behaves: real milliseconds a round trip takes more, and bytes per real second each way; 0 = no limit. */
export interface LineShape {
  delayMs: number
  bytesPerSecond: number
}

interface Parcel {
  data: Buffer
  due: number
}

/**
 * A socket behind a slow line. What the server sends arrives `delayMs` later (the whole of the round trip is put on
 * this direction), and both directions pass no more than `bytesPerSecond`. Order and bytes are kept. The shape is read
 * anew for each piece, so a line can get better or worse while it is open.
 */
export class ShapedSocket extends Duplex {
  readonly #socket: Socket
  readonly #shape: LineShape
  readonly #parcels: Parcel[] = []
  #lineFree = 0
  #outTimer: NodeJS.Timeout | undefined
  #inTimer: NodeJS.Timeout | undefined
  #ended: (() => void) | undefined

  constructor(socket: Socket, shape: LineShape) {
    super({ allowHalfOpen: true, writableHighWaterMark: 256 * 1024 })
    this.#socket = socket
    this.#shape = shape
    socket.on('data', chunk => this.#arrived(chunk))
    socket.on('end', () => this.push(null))
    socket.on('error', error => this.destroy(error))
    socket.on('close', () => this.destroy())
    socket.pause()
  }

  override _read(): void {
    if (this.#inTimer === undefined) this.#socket.resume()
  }

  override _write(data: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const now = Date.now()
    this.#lineFree = Math.max(now, this.#lineFree) + this.#millisecondsFor(data.length)
    this.#parcels.push({ data, due: this.#lineFree + this.#shape.delayMs })
    this.#sendDue()
    const busy = this.#lineFree - now
    if (busy < 1) done()
    else setTimeout(done, busy)
  }

  override _final(done: () => void): void {
    this.#ended = done
    this.#sendDue()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#outTimer)
    clearTimeout(this.#inTimer)
    this.#parcels.length = 0
    this.#socket.destroy()
    done(error)
  }

  #arrived(chunk: Buffer): void {
    this.#socket.pause()
    this.#inTimer = setTimeout(() => {
      this.#inTimer = undefined
      if (this.push(chunk)) this.#socket.resume()
    }, this.#millisecondsFor(chunk.length))
  }

  #millisecondsFor(bytes: number): number {
    return this.#shape.bytesPerSecond > 0 ? (bytes * 1000) / this.#shape.bytesPerSecond : 0
  }

  #sendDue(): void {
    if (this.#outTimer !== undefined) return
    for (let parcel = this.#parcels[0]; parcel !== undefined; parcel = this.#parcels[0]) {
      const wait = parcel.due - Date.now()
      if (wait >= 1) {
        this.#outTimer = setTimeout(() => {
          this.#outTimer = undefined
          this.#sendDue()
        }, wait)
        return
      }
      this.#parcels.shift()
      this.#socket.write(parcel.data)
    }
    if (this.#ended !== undefined) {
      this.#socket.end()
      this.#ended()
      this.#ended = undefined
    }
  }
}
