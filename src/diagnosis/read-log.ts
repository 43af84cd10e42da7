import { compileAnchors } from './anchors.js'
import type { AttemptFacts } from './attempt.js'
import { ByteScanner } from './byte-scanner.js'
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
import { beginsRecord } from './record.js'
import { LogScanner, type Scanner } from './scanner.js'
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

const headStep = 4096

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
  /** The beginning of the log, until there is enough of it to tell what it is. */
  #head: Head = { text: '', bytes: [] }
  #bytes = 0
  #kindReader: KindReader | undefined

  constructor(watch: WatchList) {
    this.#watch = watch
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, this.#kindReader === undefined ? at + this.#untilNextLook() : undefined)
      at += part.length
      this.#bytes += part.length
      if (this.#kindReader === undefined) this.#begin(part)
      else this.#kindReader.push(part)
    }
  }

  finish(): ReadLog {
    this.#head.text += this.#kindReader === undefined ? this.#decoder.finish() : ''
    const { kind, model, scanner, finish } = this.#kindReader ?? readText(this.#head.text, this.#decoder, this.#watch)
    finish()
    const lines = scanner.finish()
    const encoding = this.#decoder.decided ? this.#decoder.encoding : (scanner.encoding ?? this.#decoder.encoding)
    return {
      kind,
      encoding,
      bytes: this.#bytes,
      lines,
      attempts: model.finish(lines),
      lastLines: scanner.lastLines(lastLinesKept),
    }
  }

  /** Whether the head is long enough is asked at fixed places only: so it ends at the same one however the log came in. */
  #untilNextLook(): number {
    return headStep - (this.#bytes % headStep)
  }

  #begin(bytes: Uint8Array): void {
    this.#head.text += this.#decoder.push(bytes)
    this.#head.bytes.push(bytes.slice())
    if (this.#head.text.length < kindHead || this.#bytes % headStep !== 0) return
    this.#kindReader =
      readBytes(this.#head, this.#decoder, this.#watch) ?? readText(this.#head.text, this.#decoder, this.#watch)
    this.#head = { text: '', bytes: [] }
  }
}

interface Head {
  text: string
  bytes: Uint8Array[]
}

interface KindReader {
  kind: LogKind
  model: LogModel
  scanner: Scanner & { encoding?: LogEncoding }
  push(bytes: Uint8Array): void
  finish(): void
}

/** The kind is told by the head alone, so that it does not depend on how the log came in. */
function readText(head: string, decoder: LogDecoder, watch: WatchList): KindReader {
  const kind = sniffKind(head.slice(0, kindHead))
  const model = modelFor(kind)
  const raw = isRaw(head.slice(0, kindHead), decoder.encoding)
  const scanner = new LogScanner(phrasesOf(model, watch(kind)), raw, model)
  scanner.push(head)
  return {
    kind,
    model,
    scanner,
    push: bytes => scanner.push(decoder.push(bytes)),
    finish: () => scanner.push(decoder.finish()),
  }
}

/** For a log as a program wrote it, of a size that makes the text of it too much to make. */
function readBytes({ text, bytes }: Head, decoder: LogDecoder, watch: WatchList): KindReader | undefined {
  const head = text.slice(0, kindHead)
  const kind = sniffKind(head)
  const encoding = decoder.decided ? decoder.encoding : undefined
  if (!isAsWritten(head, kind) || encoding === 'utf-16be') return undefined
  const model = modelFor(kind)
  const phrases = phrasesOf(model, watch(kind))
  const table = compileAnchors(phrases)
  const scanner = new ByteScanner({ phrases, table, encoding, raw: isRaw(head, decoder.encoding) }, model)
  scanner.push(Buffer.concat(bytes).subarray(decoder.skipped))
  return { kind, model, scanner, push: part => scanner.push(part), finish: () => undefined }
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

/**
 * Whether most lines begin as lines of the log do: then none was wrapped, and a blank is a blank. Of other logs nobody prints as much as
 * it takes to come here.
 */
function isAsWritten(head: string, kind: LogKind): boolean {
  if (kind !== 'msi') return true
  const lines = head.split('\n').filter(line => line.trim() !== '')
  return lines.filter(line => beginsRecord(line)).length > lines.length * 0.7
}
