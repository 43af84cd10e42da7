import type { AnchorTable } from './anchors.js'
import type { LogEncoding } from './encoding.js'
import type { Evidence } from './finding.js'
import { HeldBytes, lineFeed } from './held-bytes.js'
import { PhraseSearch } from './phrase-search.js'
import type { PhraseSet } from './phrases.js'
import { type LogRecord, linesAround, recordAt, windowAfter, windowBefore } from './record.js'
import { hitsPerLine, ownLineLength, type ScanListener, type Scanner } from './scanner.js'
import { type Silence, SilenceFinder } from './silence.js'

export interface ByteScan {
  phrases: PhraseSet
  table: AnchorTable
  /** Undefined as long as there was only ASCII. */
  encoding: LogEncoding | undefined
  /** See `recordAt`. */
  raw: boolean
}

/**
 * Does what `LogScanner` does on the bytes of a log as a program wrote it, without making text of them: only the windows around
 * words that were found are decoded. In such a log a blank inside an anchor is one blank; everywhere else it may be any.
 */
export class ByteScanner implements Scanner {
  readonly #held: HeldBytes
  readonly #search: PhraseSearch
  readonly #phrases: PhraseSet
  readonly #raw: boolean
  readonly #listener: ScanListener
  readonly #silences = new SilenceFinder()
  #from = 0
  #counted = 0
  #lineStart = 0
  #newline = -1
  #line = 1
  #onLine = 0
  #hitsOnLine = 0
  /** Where the words that were handed out stand; lines are counted up to there. */
  #at = 0
  #record: LogRecord | undefined

  /** What is handed out, always the same object. */
  readonly #hit = {
    phrases: [] as readonly string[],
    line: 1,
    ownLine: (): string => this.#ownLine(),
    record: (): LogRecord => this.#recordHere(),
    around: (before: number, after: number): Evidence[] => this.#around(before, after),
  }

  constructor({ phrases, table, encoding, raw }: ByteScan, listener: ScanListener) {
    this.#held = new HeldBytes(encoding)
    this.#search = new PhraseSearch(this.#held, table)
    this.#phrases = phrases
    this.#raw = raw
    this.#listener = listener
  }

  get encoding(): LogEncoding {
    return this.#held.encoding
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      at += this.#held.fill(bytes.subarray(at))
      if (!this.#held.full) continue
      this.#scan(this.#held.length - windowAfter)
      this.#letGo()
    }
  }

  finish(): number {
    const { length, units } = this.#held
    this.#scan(length)
    this.#countTo(length)
    return length === 0 || units[length - 1] === lineFeed ? this.#line - 1 : this.#line
  }

  lastLines(count: number): Evidence[] {
    const { length } = this.#held
    const tail = this.#held.text(Math.max(0, length - windowBefore - windowAfter), length)
    const end = tail.trimEnd().length
    return end === 0 ? [] : linesAround(tail, end - 1, this.#line - newlines(tail, end, tail.length), count - 1, 0)
  }

  /** Hands out what begins before `limit`, in order. */
  #scan(limit: number): void {
    const silences = this.#silences.find((from, to) => this.#held.letters(from, to), this.#from, limit)
    for (const { at, phrase } of this.#search.find(this.#from, limit)) {
      if (silences.length > 0) this.#tell(silences, at)
      this.#hand(at, phrase)
    }
    this.#tell(silences, limit)
    this.#from = limit
  }

  /** Lets go of what no later record can reach back to. */
  #letGo(): void {
    const count = this.#from - windowBefore
    this.#countTo(count)
    this.#held.drop(count)
    this.#from -= count
    this.#counted -= count
    this.#lineStart = Math.max(0, this.#lineStart - count)
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

  #hand(at: number, phrase: string): void {
    this.#countTo(at)
    const line = this.#line
    if (line !== this.#onLine) {
      this.#onLine = line
      this.#hitsOnLine = 0
    }
    this.#hitsOnLine += 1
    if (this.#hitsOnLine > hitsPerLine) return
    this.#hit.phrases = this.#phrases.of(phrase)
    this.#hit.line = line
    this.#at = at
    this.#record = undefined
    this.#listener.see(this.#hit)
  }

  #around(before: number, after: number): Evidence[] {
    const { text, at } = this.#held.around(this.#at, windowBefore, windowAfter)
    return linesAround(text, at, this.#hit.line, before, after)
  }

  #ownLine(): string {
    const at = this.#at
    const end = Math.min(this.#newline, this.#held.length, at + ownLineLength)
    return this.#held.text(Math.max(this.#lineStart, at - ownLineLength), end).trimEnd()
  }

  #recordHere(): LogRecord {
    this.#record ??= this.#makeRecord()
    return this.#record
  }

  /** From a small window, unless the record or its neighbours do not fit in. */
  #makeRecord(): LogRecord {
    const [at, line] = [this.#at, this.#hit.line]
    const { text, at: inText } = this.#held.around(at, 2000, 1500)
    const small = recordAt(text, inText, line, this.#raw)
    const above = newlines(text, 0, inText)
    if (above > 4 && line - small.line < above - 4 && newlines(text, inText, text.length) > 4) return small
    const whole = this.#held.around(at, windowBefore, windowAfter)
    return recordAt(whole.text, whole.at, line, this.#raw)
  }

  #countTo(end: number): void {
    for (;;) {
      if (this.#newline < this.#counted) this.#newline = this.#held.nextLine(this.#counted)
      if (this.#newline >= end) break
      this.#line += 1
      this.#counted = this.#newline + 1
      this.#lineStart = this.#counted
    }
    if (this.#counted < end) this.#counted = end
  }
}

function newlines(text: string, from: number, to: number): number {
  let count = 0
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count += 1
  return count
}
