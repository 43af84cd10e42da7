import type { Units } from './anchor-search.js'
import { type LogEncoding, startsUtf8 } from './encoding.js'

/** Characters held: what is gone over at a time, and a window of text before and after it. */
const capacity = 1 << 20
export const lineFeed = 10

/** The part of a log that is at hand. Places in it are counted in characters, of 8 or 16 bits, from its beginning. */
export class HeldBytes {
  readonly units: Units
  readonly #bytes: Buffer
  readonly #width: 1 | 2
  #encoding: LogEncoding | undefined
  /** In bytes. */
  #filled = 0

  /** Without an encoding, 8-bit text is what its first character above 0x7f says, as soon as one is looked at. */
  constructor(encoding: LogEncoding | undefined) {
    this.#width = encoding === 'utf-16le' ? 2 : 1
    const memory = new ArrayBuffer(capacity * this.#width)
    this.#bytes = Buffer.from(memory)
    this.units = this.#width === 2 ? new Uint16Array(memory) : new Uint8Array(memory)
    this.#encoding = encoding
  }

  get encoding(): LogEncoding {
    return this.#encoding ?? 'utf-8'
  }

  get length(): number {
    return this.#width === 2 ? this.#filled >> 1 : this.#filled
  }

  get full(): boolean {
    return this.#filled === this.#bytes.length
  }

  /** Takes as much as there is room for; returns how many bytes. */
  fill(bytes: Uint8Array): number {
    const part = bytes.subarray(0, this.#bytes.length - this.#filled)
    this.#bytes.set(part, this.#filled)
    this.#filled += part.length
    return part.length
  }

  /** Lets go of the first characters. */
  drop(count: number): void {
    this.#bytes.copyWithin(0, count * this.#width, this.#filled)
    this.#filled -= count * this.#width
  }

  text(from: number, to: number): string {
    if (this.#width === 2) return this.#bytes.toString('utf16le', from * 2, to * 2)
    let start = from
    while (start < to && ((this.units[start] ?? 0) & 0xc0) === 0x80 && start < from + 3) start += 1
    if (this.#encoding === undefined) {
      const text = this.#bytes.toString('latin1', start, to)
      const high = text.search(/[\u0080-\u00ff]/)
      if (high < 0) return text
      this.#encoding = startsUtf8(this.#bytes, start + high) ? 'utf-8' : 'windows-1252'
    }
    if (this.#encoding === 'utf-8') return this.#bytes.toString('utf8', start, to)
    return new TextDecoder(this.#encoding).decode(this.#bytes.subarray(from, to))
  }

  /** One character for each that is held, whatever it means: enough for digits and brackets. */
  letters(from: number, to: number): string {
    const end = Math.min(to, this.length)
    return this.#width === 2
      ? this.#bytes.toString('utf16le', from * 2, end * 2)
      : this.#bytes.toString('latin1', from, end)
  }

  /** Text around a place, and where the place is in it. */
  around(at: number, before: number, after: number): { text: string; at: number } {
    const from = Math.max(0, at - before)
    const to = Math.min(this.length, at + after)
    const text = this.text(from, to)
    if (text.length === to - from) return { text, at: at - from }
    const lead = this.text(from, at)
    return { text: lead + this.text(at, to), at: lead.length }
  }

  /** How many of the characters held a text takes. */
  unitsOf(text: string): number {
    return this.#width === 2 ? text.length : Buffer.byteLength(text, this.encoding === 'utf-8' ? 'utf8' : 'latin1')
  }

  /** Where `text` stands next at or after `from`; Infinity if nowhere. */
  indexOf(text: string, from: number): number {
    const found = this.#bytes.indexOf(text, from * this.#width, this.#width === 2 ? 'utf16le' : 'utf8')
    return found < 0 || found >= this.#filled ? Number.POSITIVE_INFINITY : found / this.#width
  }

  /** The next line end at or after `from`; Infinity if there is none. */
  nextLine(from: number): number {
    let found = this.#bytes.indexOf(lineFeed, from * this.#width)
    if (this.#width === 2) {
      while (found >= 0 && (found % 2 === 1 || this.#bytes[found + 1] !== 0))
        found = this.#bytes.indexOf(lineFeed, found + 1)
    }
    return found < 0 || found >= this.length * this.#width ? Number.POSITIVE_INFINITY : found / this.#width
  }

  equals(codes: Uint16Array, at: number): boolean {
    const { units } = this
    const count = codes.length
    if (at < 0 || at + count > this.length) return false
    for (let i = 0; i < count; i += 1) if (codes[i] !== units[at + i]) return false
    return true
  }
}
