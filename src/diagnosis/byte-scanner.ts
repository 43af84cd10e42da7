import { searchAnchors, type Units } from './anchor-search.js'
import { type Anchor, type AnchorTable, anchorLength, hash } from './anchors.js'
import { type LogEncoding, startsUtf8 } from './encoding.js'
import type { Evidence } from './finding.js'
import type { PhraseSet } from './phrases.js'
import { type LogRecord, linesAround, recordAt, windowAfter, windowBefore } from './record.js'
import { hitsPerLine, ownLineLength, type ScanListener, type Scanner } from './scanner.js'
import { type Silence, SilenceFinder } from './silence.js'

/** Characters held: what is gone over at a time, and a window of text before and after it. */
const capacity = 1 << 20
/** No phrase is longer, however its blanks are spelt. */
const longestMatch = 1000
const lineFeed = 10

/**
 * Does what `LogScanner` does on the bytes of a log as a program wrote it, without making text of them: only the windows around
 * words that were found are decoded. In such a log a blank inside an anchor is one blank; everywhere else it may be any.
 */
export class ByteScanner implements Scanner {
  readonly #bytes: Buffer
  readonly #units: Units
  readonly #found = new Int32Array(capacity)
  readonly #width: 1 | 2
  readonly #phrases: PhraseSet
  readonly #table: AnchorTable
  readonly #raw: boolean
  readonly #listener: ScanListener
  readonly #silences = new SilenceFinder()
  #encoding: LogEncoding | undefined
  /** Bytes at hand. */
  #filled = 0
  /** In characters, from the beginning of what is at hand. */
  #from = 0
  #counted = 0
  #lineStart = 0
  #newline = -1
  #line = 1
  #onLine = 0
  #hitsOnLine = 0

  constructor(
    {
      phrases,
      table,
      encoding,
      raw,
    }: { phrases: PhraseSet; table: AnchorTable; encoding: LogEncoding | undefined; raw: boolean },
    listener: ScanListener,
  ) {
    this.#width = encoding === 'utf-16le' ? 2 : 1
    const memory = new ArrayBuffer(capacity * this.#width)
    this.#bytes = Buffer.from(memory)
    this.#units = this.#width === 2 ? new Uint16Array(memory) : new Uint8Array(memory)
    this.#phrases = phrases
    this.#table = table
    this.#encoding = encoding
    this.#raw = raw
    this.#listener = listener
  }

  get encoding(): LogEncoding {
    return this.#encoding ?? 'utf-8'
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + this.#bytes.length - this.#filled)
      this.#bytes.set(part, this.#filled)
      this.#filled += part.length
      at += part.length
      if (this.#filled === this.#bytes.length) this.#scan(this.#length - windowAfter)
    }
  }

  finish(): number {
    this.#scan(this.#length)
    this.#countTo(this.#length)
    const ended = this.#length === 0 || this.#units[this.#length - 1] === lineFeed
    return ended ? this.#line - 1 : this.#line
  }

  lastLines(count: number): Evidence[] {
    const tail = this.#decode(Math.max(0, this.#length - windowBefore - windowAfter), this.#length)
    const end = tail.trimEnd().length
    const below = (tail.slice(end).match(/\n/g) ?? []).length
    return end === 0 ? [] : linesAround(tail, end - 1, this.#line - below, count - 1, 0)
  }

  get #length(): number {
    return this.#width === 2 ? this.#filled >> 1 : this.#filled
  }

  /** Hands out what begins before `limit`, and lets go of what no later record can reach back to. */
  #scan(limit: number): void {
    const { length } = this.#units
    const silences = this.#silences.find((from, to) => this.#letters(from, to), this.#from, limit)
    const matches = this.#matches(limit)
    for (const [start, phrase] of [...matches].sort(([a], [b]) => a - b)) {
      this.#tell(silences, start)
      this.#hand(start, phrase)
    }
    this.#tell(silences, limit)
    this.#from = limit
    const drop = limit - windowBefore
    if (drop <= 0 || this.#length < length) return
    this.#countTo(drop)
    this.#bytes.copyWithin(0, drop * this.#width, this.#filled)
    this.#filled -= drop * this.#width
    this.#from -= drop
    this.#counted -= drop
    this.#lineStart = Math.max(0, this.#lineStart - drop)
    this.#newline = -1
  }

  /** Silences that end at or before `at`. */
  #tell(silences: Silence[], at: number): void {
    for (let silence = silences[0]; silence !== undefined && silence.at <= at; silence = silences[0]) {
      silences.shift()
      this.#countTo(silence.at)
      this.#listener.silent?.({ line: this.#line - 1, seconds: silence.seconds })
    }
  }

  /** One character for each that is held: enough for digits and brackets. */
  #letters(from: number, to: number): string {
    if (this.#width === 2) return this.#bytes.toString('utf16le', from * 2, Math.min(to, this.#length) * 2)
    return this.#bytes.toString('latin1', from, Math.min(to, this.#length))
  }

  /** The longest phrase that begins at each place. */
  #matches(limit: number): Map<number, string> {
    const to = Math.min(this.#length, limit + longestMatch)
    const count = searchAnchors(this.#units, [this.#from, to], this.#table, this.#found)
    const matches = new Map<number, string>()
    const { begins } = this.#table
    const units = this.#units
    for (let i = 0; i < count; i += 1) {
      const at = (this.#found[i] ?? 0) - anchorLength + 1
      if (begins[hash(units[at] ?? 0, units[at + 1] ?? 0, units[at + 2] ?? 0)] === 0) continue
      for (const anchor of this.#anchorsAt(at)) this.#takePhrases(anchor, at, { limit, matches })
    }
    for (const phrase of this.#table.others) {
      for (let at = this.#next(phrase, this.#from); at < limit; at = this.#next(phrase, at + 1)) matches.set(at, phrase)
    }
    return matches
  }

  /** Where a phrase without an anchor begins next. */
  #next(phrase: string, from: number): number {
    const wide = this.#width === 2
    const found = this.#bytes.indexOf(phrase, from * this.#width, wide ? 'utf16le' : 'utf8')
    return found < 0 || found >= this.#filled ? Number.POSITIVE_INFINITY : found / this.#width
  }

  #anchorsAt(at: number): readonly Anchor[] {
    const units = this.#units
    const last = at + anchorLength - 1
    const anchors = this.#table.endingWith.get(hash(units[last - 2] ?? 0, units[last - 1] ?? 0, units[last] ?? 0)) ?? []
    return anchors.filter(({ codes }) => this.#equals(codes, at))
  }

  #equals(codes: Uint16Array, at: number): boolean {
    if (at < 0 || at + codes.length > this.#length) return false
    for (let i = 0; i < codes.length; i += 1) if (codes[i] !== this.#units[at + i]) return false
    return true
  }

  #takePhrases(
    { phrases }: Anchor,
    at: number,
    { limit, matches }: { limit: number; matches: Map<number, string> },
  ): void {
    for (const { text, codes, offset, expression } of phrases) {
      const found = this.#equals(codes, at - offset)
        ? { start: at - offset, text }
        : this.#fits(codes, offset, at)
          ? this.#spelledOtherwise(expression(), at)
          : undefined
      if (found === undefined || found.start < this.#from || found.start >= limit) continue
      if (found.text.length > (matches.get(found.start)?.length ?? 0)) matches.set(found.start, found.text)
    }
  }

  /** Whether what stands beside an anchor could belong to its phrase: rules out most of what is no phrase without making text. */
  #fits(codes: Uint16Array, offset: number, at: number): boolean {
    const end = offset + anchorLength
    const before = offset === 0 || alike(codes[offset - 1], this.#units[at - 1])
    return before && (end === codes.length || alike(codes[end], this.#units[at + anchorLength]))
  }

  /** With two blanks, a line end or a bold mark where the phrase has a blank. */
  #spelledOtherwise(expression: RegExp | undefined, at: number): { start: number; text: string } | undefined {
    if (expression === undefined) return undefined
    const before = this.#decode(Math.max(0, at - 400), at)
    const text = before + this.#decode(at, Math.min(this.#length, at + 400))
    expression.lastIndex = before.length
    const match = expression.exec(text)
    if (match === null) return undefined
    const lead = match[1] ?? ''
    return { start: at - this.#unitsOf(lead), text: lead + match[0] }
  }

  #unitsOf(text: string): number {
    return this.#width === 2 ? text.length : Buffer.byteLength(text, this.encoding === 'utf-8' ? 'utf8' : 'latin1')
  }

  #hand(at: number, phrase: string): void {
    this.#countTo(at)
    const line = this.#line
    if (line !== this.#onLine) {
      this.#onLine = line
      this.#hitsOnLine = 0
    }
    this.#hitsOnLine += 1
    if (this.#hitsOnLine > hitsPerLine) return
    let record: LogRecord | undefined
    this.#listener.see({
      phrases: this.#phrases.of(phrase),
      line,
      ownLine: () => this.#ownLine(at),
      record: () => {
        record ??= this.#record(at, line)
        return record
      },
      around: (before, after) => {
        const { text, at: inText } = this.#window(at, windowBefore, windowAfter)
        return linesAround(text, inText, line, before, after)
      },
    })
  }

  /** After `#countTo(at)`. */
  #ownLine(at: number): string {
    const end = Math.min(this.#newline, this.#length, at + ownLineLength)
    return this.#decode(Math.max(this.#lineStart, at - ownLineLength), end).trimEnd()
  }

  /** From a small window, unless the record or its neighbours do not fit in. */
  #record(at: number, line: number): LogRecord {
    const { text, at: inText } = this.#window(at, 2000, 1500)
    const small = recordAt(text, inText, line, this.#raw)
    const above = newlines(text, 0, inText)
    if (above > 4 && line - small.line < above - 4 && newlines(text, inText, text.length) > 4) return small
    const whole = this.#window(at, windowBefore, windowAfter)
    return recordAt(whole.text, whole.at, line, this.#raw)
  }

  #window(at: number, before: number, after: number): { text: string; at: number } {
    const from = Math.max(0, at - before)
    const to = Math.min(this.#length, at + after)
    const text = this.#decode(from, to)
    if (text.length === to - from) return { text, at: at - from }
    const lead = this.#decode(from, at)
    return { text: lead + this.#decode(at, to), at: lead.length }
  }

  #decode(from: number, to: number): string {
    if (this.#width === 2) return this.#bytes.toString('utf16le', from * 2, to * 2)
    let start = from
    while (start < to && ((this.#units[start] ?? 0) & 0xc0) === 0x80 && start < from + 3) start += 1
    if (this.#encoding === undefined) {
      const text = this.#bytes.toString('latin1', start, to)
      const high = text.search(/[\u0080-\u00ff]/)
      if (high < 0) return text
      this.#encoding = startsUtf8(this.#bytes, start + high) ? 'utf-8' : 'windows-1252'
    }
    if (this.#encoding === 'utf-8') return this.#bytes.toString('utf8', start, to)
    return new TextDecoder(this.#encoding).decode(this.#bytes.subarray(from, to))
  }

  #countTo(end: number): void {
    for (;;) {
      if (this.#newline < this.#counted) this.#newline = this.#nextLine(this.#counted)
      if (this.#newline >= end) break
      this.#line += 1
      this.#counted = this.#newline + 1
      this.#lineStart = this.#counted
    }
    if (this.#counted < end) this.#counted = end
  }

  #nextLine(from: number): number {
    if (this.#width === 1) {
      const found = this.#bytes.indexOf(lineFeed, from)
      return found < 0 || found >= this.#filled ? Number.POSITIVE_INFINITY : found
    }
    for (
      let at = this.#bytes.indexOf(lineFeed, from * 2);
      at >= 0 && at + 1 < this.#filled;
      at = this.#bytes.indexOf(lineFeed, at + 1)
    ) {
      if (at % 2 === 0 && this.#bytes[at + 1] === 0) return at / 2
    }
    return Number.POSITIVE_INFINITY
  }
}

function newlines(text: string, from: number, to: number): number {
  let count = 0
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count += 1
  return count
}

const blank = 0x20
const apostrophe = 0x27

/** A blank may be any white space or a bold mark; an apostrophe may be a typographic one, of one character or of three bytes. */
function alike(wanted = 0, found = 0): boolean {
  if (wanted === blank) return found <= blank || found === 0x2a || found >= 0x80
  return wanted === found || (wanted === apostrophe && found >= 0x80)
}
