import type { AttemptFacts } from './attempt.js'
import { LogDecoder } from './decode.js'
import type { LogEncoding } from './encoding.js'
import { EventRecords } from './events.js'
import { ExchangeSetupRuns } from './exchange-setup.js'
import type { Evidence, LogKind } from './finding.js'
import { kindHead, sniffKind } from './kind.js'
import type { LogModel } from './model.js'
import { MsiSessions } from './msi-sessions.js'
import { compilePhrases, type PhraseSet } from './phrases.js'
import { PlainText } from './plain-text.js'
import { LogScanner } from './scanner.js'
import { ServiceControlRuns } from './service-control.js'
import { UpdateCasRuns } from './update-cas.js'

/** A log as read, before any rule saw it. */
export interface ReadLog {
  kind: LogKind
  encoding: string
  bytes: number
  lines: number
  attempts: AttemptFacts[]
  /** The last lines that are not blank. */
  lastLines: Evidence[]
}

/** Words to look for in a log of a kind, beside those its model needs. */
export type WatchList = (kind: LogKind) => Iterable<string>

/** Bytes decoded at a time: the whole text of a large log is never held. */
const piece = 1 << 20

const lastLinesKept = 4

/** Reads one log from memory; see `LogReader`. */
export function readLog(bytes: Uint8Array, watch: WatchList): ReadLog {
  const reader = new LogReader(watch)
  for (let at = 0; at < bytes.length; at += piece) reader.push(bytes.subarray(at, at + piece))
  return reader.finish()
}

/**
 * Reads one log, piece by piece: its encoding, its kind (by content: names lie), and what happened in it. Goes over the bytes once,
 * keeps no more than a window of them however long the log or a line is, and never throws. The answer does not depend on where the
 * pieces were cut.
 */
export class LogReader {
  readonly #decoder = new LogDecoder()
  readonly #watch: WatchList
  #head = ''
  #model: KindReader | undefined

  constructor(watch: WatchList) {
    this.#watch = watch
  }

  push(bytes: Uint8Array): void {
    this.#take(this.#decoder.push(bytes))
  }

  finish(): ReadLog {
    this.#take(this.#decoder.finish())
    const { bytes, encoding } = this.#decoder
    const { kind, model, scanner } = this.#model ?? readerFor(this.#head, encoding, this.#watch)
    const lines = scanner.finish()
    return { kind, encoding, bytes, lines, attempts: model.finish(lines), lastLines: scanner.lastLines(lastLinesKept) }
  }

  #take(text: string): void {
    if (this.#model !== undefined) {
      this.#model.scanner.push(text)
      return
    }
    this.#head += text
    if (this.#head.length < kindHead) return
    this.#model = readerFor(this.#head, this.#decoder.encoding, this.#watch)
    this.#head = ''
  }
}

interface KindReader {
  kind: LogKind
  model: LogModel
  scanner: LogScanner
}

/** The kind is told by the head alone, so that it does not depend on how the text came in. */
function readerFor(head: string, encoding: LogEncoding, watch: WatchList): KindReader {
  const kind = sniffKind(head.slice(0, kindHead))
  const model = modelFor(kind)
  const scanner = new LogScanner(phrasesOf(model, watch(kind)), isRaw(head.slice(0, kindHead), encoding), hit =>
    model.see(hit),
  )
  scanner.push(head)
  return { kind, model, scanner }
}

function phrasesOf(model: LogModel, watched: Iterable<string>): PhraseSet {
  return compilePhrases([...model.phrases, ...watched])
}

function modelFor(kind: LogKind): LogModel {
  switch (kind) {
    case 'msi':
      return new MsiSessions()
    case 'exchange-setup':
      return new ExchangeSetupRuns()
    case 'service-control':
      return new ServiceControlRuns()
    case 'update-cas':
      return new UpdateCasRuns()
    case 'events':
      return new EventRecords()
    case 'unknown':
      return new PlainText()
  }
}

/**
 * Whether the log is as msiexec wrote it: UTF-16 with CRLF after each record, so that a lone LF is inside one. Re-encoded, printed and
 * pasted ones are wrapped anywhere (msi-log-format.md, "File level").
 */
function isRaw(head: string, encoding: LogEncoding): boolean {
  const all = head.match(/\n/g)?.length ?? 0
  const both = head.match(/\r\n/g)?.length ?? 0
  return encoding.startsWith('utf-16') && both * 2 > all
}
