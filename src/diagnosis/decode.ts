import { type LogEncoding, sniffBytes, sniffEncoding, startsUtf8 } from './encoding.js'

/**
 * Bytes in, text out, a piece at a time. The text does not depend on where the pieces were cut. Never throws: what is no
 * character becomes U+FFFD.
 */
export class LogDecoder {
  /** Bytes taken so far. */
  bytes = 0
  #pending: Uint8Array = new Uint8Array(0)
  #sniffed = false
  #skipped = 0
  #encoding: LogEncoding | undefined
  #decoder: InstanceType<typeof TextDecoder> | undefined

  /** Whether the encoding is certain: there was a byte order mark, or a character that is not ASCII. */
  get decided(): boolean {
    return this.#encoding !== undefined
  }

  /** Length of the byte order mark at the beginning. */
  get skipped(): number {
    return this.#skipped
  }

  /** The encoding as far as it is known; 8-bit text without a byte above 0x7f is valid UTF-8. */
  get encoding(): LogEncoding {
    return this.#encoding ?? 'utf-8'
  }

  push(bytes: Uint8Array): string {
    this.bytes += bytes.length
    if (this.#decoder !== undefined) return this.#decoder.decode(bytes, { stream: true })
    return this.#undecided(this.#pending.length === 0 ? bytes : joined(this.#pending, bytes), false)
  }

  finish(): string {
    const text = this.#decoder === undefined ? this.#undecided(this.#pending, true) : ''
    return text + (this.#decoder?.decode() ?? '')
  }

  #undecided(bytes: Uint8Array, last: boolean): string {
    if (!this.#sniffed) {
      if (bytes.length < sniffBytes && !last) return this.#keep(bytes)
      const { encoding, skip } = sniffEncoding(bytes.subarray(0, sniffBytes))
      this.#sniffed = true
      this.#skipped = skip
      if (encoding !== undefined) return this.#decide(encoding, bytes.subarray(skip))
    }
    const high = firstHigh(bytes)
    if (high < 0) {
      this.#pending = new Uint8Array(0)
      return ascii(bytes)
    }
    if (high + 4 > bytes.length && !last) {
      this.#keep(bytes.subarray(high))
      return ascii(bytes.subarray(0, high))
    }
    return this.#decide(startsUtf8(bytes, high) ? 'utf-8' : 'windows-1252', bytes)
  }

  #decide(encoding: LogEncoding, bytes: Uint8Array): string {
    this.#pending = new Uint8Array(0)
    this.#encoding = encoding
    this.#decoder = new TextDecoder(encoding, { ignoreBOM: true })
    return this.#decoder.decode(bytes, { stream: true })
  }

  #keep(bytes: Uint8Array): string {
    this.#pending = bytes.slice()
    return ''
  }
}

const asciiDecoder = new TextDecoder('utf-8', { ignoreBOM: true })

function ascii(bytes: Uint8Array): string {
  return asciiDecoder.decode(bytes)
}

function firstHigh(bytes: Uint8Array): number {
  for (let i = 0; i < bytes.length; i += 1) if ((bytes[i] ?? 0) > 0x7f) return i
  return -1
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
