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

/** Reads one log: its encoding, its kind (by content: names lie), and what happened in it. Goes over the bytes once; never throws. */
export function readLog(bytes: Uint8Array, watch: WatchList): ReadLog {
  const decoder = new LogDecoder()
  let head = ''
  let reader: LogReader | undefined
  const take = (text: string): void => {
    if (reader !== undefined) reader.push(text)
    else head += text
    if (head.length >= kindHead) reader ??= readerFor(head, decoder.encoding, watch)
  }
  for (let at = 0; at < bytes.length; at += piece) take(decoder.push(bytes.subarray(at, at + piece)))
  take(decoder.finish())
  const { kind, model, scanner } = reader ?? readerFor(head, decoder.encoding, watch)
  const lines = scanner.finish()
  const lastLines = scanner.lastLines(lastLinesKept)
  return { kind, encoding: decoder.encoding, bytes: bytes.length, lines, attempts: model.finish(lines), lastLines }
}

interface LogReader {
  kind: LogKind
  model: LogModel
  scanner: LogScanner
  push(text: string): void
}

/** The kind is told by the head alone, so that it does not depend on how the text came in. */
function readerFor(head: string, encoding: LogEncoding, watch: WatchList): LogReader {
  const kind = sniffKind(head.slice(0, kindHead))
  const model = modelFor(kind)
  const scanner = new LogScanner(phrasesOf(model, watch(kind)), isRaw(head.slice(0, kindHead), encoding), hit =>
    model.see(hit),
  )
  scanner.push(head)
  return { kind, model, scanner, push: text => scanner.push(text) }
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
