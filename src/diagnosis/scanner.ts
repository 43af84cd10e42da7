import type { Evidence } from './finding.js'
import type { PhraseSet } from './phrases.js'
import { type LogRecord, linesAround, recordAt, windowAfter, windowBefore } from './record.js'
import { type Silence, SilenceFinder } from './silence.js'

/** A place where words that somebody asked for stand. Good until the next one is handed out. */
export interface Hit {
  phrases: readonly string[]
  /** Line of the words found. */
  line: number
  /** The line of the words as the file has it, cut off where it is long; cheaper than the record. */
  ownLine(): string
  record(): LogRecord
  around(before: number, after: number): Evidence[]
}

/** Takes what is found in a log, in its order. */
export interface ScanListener {
  see(hit: Hit): void
  /** Nothing was written for `seconds` after `line`. */
  silent?(silence: { line: number; seconds: number }): void
}

/** Goes over a log once and hands out the places where phrases stand, in order. */
export interface Scanner {
  /** Number of lines: an unfinished last line counts, nothing after the last line end does not. */
  finish(): number
  /** The last non-blank lines, after `finish`. */
  lastLines(count: number): Evidence[]
}

/** Text collected before it is gone over, so that small pieces cost no more than large ones. */
const batch = 1 << 16

/** What a line can say at most: one of 50 MB made of nothing but our words must not take hours. */
export const hitsPerLine = 500

/** Characters of a line that are of use to somebody who does not ask for the record. */
export const ownLineLength = 400

/**
 * Goes over a log's text once and hands out the places where the phrases stand, in order, each with its line number. No line
 * becomes an object unless it is asked for, and no more than a window of text is kept, however long a line is.
 */
export class LogScanner implements Scanner {
  #text = ''
  #from = 0
  #counted = 0
  #line = 1
  /** The next line end at or after `#counted`; -1 = not looked for, Infinity = none in the text at hand. */
  #newline = -1
  #onLine = 0
  #hitsOnLine = 0
  readonly #phrases: PhraseSet
  readonly #raw: boolean
  readonly #listener: ScanListener
  readonly #silences = new SilenceFinder()

  constructor(phrases: PhraseSet, raw: boolean, listener: ScanListener) {
    this.#phrases = phrases
    this.#raw = raw
    this.#listener = listener
  }

  push(text: string): void {
    this.#text += text
    if (this.#newline === Number.POSITIVE_INFINITY) this.#newline = -1
    while (this.#text.length - this.#from >= batch + windowAfter) this.#scan(this.#from + batch)
  }

  finish(): number {
    this.#scan(this.#text.length)
    this.#countTo(this.#text.length)
    return this.#text === '' || this.#text.endsWith('\n') ? this.#line - 1 : this.#line
  }

  lastLines(count: number): Evidence[] {
    const tail = this.#text.slice(-(windowBefore + windowAfter))
    const end = tail.trimEnd().length
    const below = (tail.slice(end).match(/\n/g) ?? []).length
    return end === 0 ? [] : linesAround(tail, end - 1, this.#line - below, count - 1, 0)
  }

  #scan(limit: number): void {
    const { expression } = this.#phrases
    const silences = this.#silences.find((from, to) => this.#text.slice(from, to), this.#from, limit)
    expression.lastIndex = this.#from
    for (
      let match = expression.exec(this.#text);
      match !== null && match.index < limit;
      match = expression.exec(this.#text)
    ) {
      const at = match.index
      expression.lastIndex = at + 1
      this.#tell(silences, at)
      this.#countTo(at)
      const line = this.#line
      if (line !== this.#onLine) {
        this.#onLine = line
        this.#hitsOnLine = 0
      }
      this.#hitsOnLine += 1
      if (this.#hitsOnLine > hitsPerLine) continue
      let record: LogRecord | undefined
      this.#listener.see({
        phrases: this.#phrases.of(match[0]),
        line,
        ownLine: () => this.#ownLine(at),
        record: () => {
          record ??= recordAt(this.#text, at, line, this.#raw)
          return record
        },
        around: (before, after) => linesAround(this.#text, at, line, before, after),
      })
    }
    this.#tell(silences, limit)
    this.#from = limit
    const drop = limit - windowBefore
    if (drop > 0 && limit < this.#text.length) {
      this.#countTo(drop)
      this.#text = this.#text.slice(drop)
      this.#from -= drop
      this.#counted -= drop
      this.#newline = -1
    }
  }

  /** Silences that end at or before `at`. */
  #tell(silences: Silence[], at: number): void {
    for (let silence = silences[0]; silence !== undefined && silence.at <= at; silence = silences[0]) {
      silences.shift()
      this.#countTo(silence.at)
      this.#listener.silent?.({ line: this.#line - 1, seconds: silence.seconds })
    }
  }

  #ownLine(at: number): string {
    const start = this.#text.lastIndexOf('\n', at - 1) + 1
    const end = this.#text.indexOf('\n', at)
    return this.#text
      .slice(at === 0 ? 0 : start, Math.min(end < 0 ? this.#text.length : end, at + ownLineLength))
      .trimEnd()
  }

  #countTo(end: number): void {
    for (;;) {
      if (this.#newline < this.#counted) {
        const found = this.#text.indexOf('\n', this.#counted)
        this.#newline = found < 0 ? Number.POSITIVE_INFINITY : found
      }
      if (this.#newline >= end) break
      this.#line += 1
      this.#counted = this.#newline + 1
    }
    if (this.#counted < end) this.#counted = end
  }
}
