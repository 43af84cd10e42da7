import type { Evidence } from './finding.js'

/** How far a record is looked for before and after the words that were found, in characters. */
export const windowBefore = 6000
export const windowAfter = 3000

/** One record of a log around words that were found: the line with its prefix and the lines it was wrapped over. */
export interface LogRecord {
  /** Line on which the record begins. */
  line: number
  /** The whole record on one line: white space folded, bold marks taken out. */
  text: string
  /** The record from the words found on. */
  tail: string
  /** The file's own lines, at most three. */
  lines: Evidence[]
  /** Inside a `Property(S)` dump or a PROPERTY CHANGE: words that nobody said. */
  property: boolean
  /** Seconds since midnight, where the record has a time. */
  time?: number
  /** Engine process: letter and low byte of the process id, `s:DC`. */
  process?: string
  /** Words stand in an engine line, an action line, an error line, or next to one: not in somebody's prose. */
  logShaped: boolean
}

const enginePrefix =
  /(?:M?SI) \(([A-Za-z])\) \(([0-9A-Fa-f]{1,8})[:!][0-9A-Fa-f]{1,8}\)(?: \[(\d\d):(\d\d):(\d\d):\d{3}\])?/
const actionTime = /^\W*(?:Action|\u64cd\u4f5c)\S* ?(?:start |ended )?(\d{1,2}):(\d\d):(\d\d):/
/** ExchangeSetup.log writes its dates and times with the separators of the server's culture. */
const bracketTime = /^\W*(?:\d\d[./-]\d\d[./-]\d{4} )?(\d\d)[:.](\d\d)[:.](\d\d)(?:\.\d+)?[\] ]/
const starter =
  /^[\s>*`]*(?:M?SI \([A-Za-z]\) \(|=== |Action (?:start |ended |\d)|Property\([A-Z]\)|PROPERTY CHANGE|CAQuietExec|WixQuietExec|CustomAction |Error \d{4}|Info \d{4}|DEBUG: |Product: |\*{3,}|\[\d\d[:./-]\d\d|\d\d[./-]\d\d[./-]\d{4} \d\d|SFXCA|CA: |Executing op|\u64cd\u4f5c|[^\s\d[\]():][^\d\n[\]():]{1,40}\d{1,2}:\d\d:\d\d ?: |Skipping action|Doing action|1: |Note: \d|<Event|SOURCEMGMT:|Couldn't find local patch|Unable to create a temp copy|Could not find source for missing|Opening existing patch|Resolving Patch source|SequencePatches |PATCH SEQUENCER|Unknown\\Absent|Warning: Local cached|MainEngineThread |The installer has encountered|The following error was generated when|Prerequisite Analysis )/
/** Whether a line looks like the first of a record. */
export function beginsRecord(line: string): boolean {
  return starter.test(line.slice(0, 60))
}

const barePrefix = /\]:[\s*]*$/
const shape =
  /M?SI \([A-Za-z]\) \(|=== |Action (?:start |ended )?\d|Property\([A-Z]\):|CAQuietExec|WixQuietExec|CustomAction |^[\s*]*Error \d{4}|Product: |Note: 1: |\u64cd\u4f5c/

/**
 * The record around `at` in `text`, whose line there is `lineAt`. `raw`: the text is as msiexec wrote it, where CRLF ends a record;
 * in any other, a record goes on until something begins that looks like the next one. Looks no further than the window on both sides, so the answer
 * does not depend on how the log came in.
 */
export function recordAt(text: string, at: number, lineAt: number, raw: boolean): LogRecord {
  const floor = Math.max(0, at - windowBefore)
  const ceiling = Math.min(text.length, at + windowAfter)
  const start = recordStart(text, at, floor, raw)
  const end = recordEnd(text, at, ceiling, raw)
  const lead = text.slice(start, at)
  const line = lineAt - countLines(lead)
  const whole = fold(text.slice(start, end))
  const said = detach(whole.slice(0, 1500))
  const prefix = enginePrefix.exec(whole.slice(0, 200))
  const time = prefix?.[3] === undefined ? timeOf(whole) : seconds(prefix[3], prefix[4], prefix[5])
  const record: LogRecord = {
    line,
    text: said,
    tail: endOf(said, fold(text.slice(at, end)).slice(0, 1500)),
    lines: ownLines(text, [start, at, end], line, floor).map(own => (own.text === said ? { ...own, text: said } : own)),
    property: /Property\([A-Z]\):|PROPERTY CHANGE/.test(lead) || /^(?:Property\([A-Z]\)|PROPERTY CHANGE)/.test(whole),
    logShaped: shape.test(whole) || touchesLog(text, start, end, floor, ceiling),
  }
  if (time !== undefined) record.time = time
  if (prefix !== null) record.process = `${(prefix[1] ?? '').toLowerCase()}:${(prefix[2] ?? '').toUpperCase()}`
  return record
}

/** The file's lines from `before` lines above `at` to `after` below, without line ends. */
export function linesAround(text: string, at: number, lineAt: number, before: number, after: number): Evidence[] {
  const floor = Math.max(0, at - windowBefore)
  const ceiling = Math.min(text.length, at + windowAfter)
  let start = lineStart(text, at, floor)
  let line = lineAt
  for (let i = 0; i < before && start > floor && line > 1; i += 1) {
    start = lineStart(text, start - 1, floor)
    line -= 1
  }
  const found: Evidence[] = []
  for (let at2 = start; at2 < ceiling && line <= lineAt + after; line += 1) {
    const end = lineEnd(text, at2, ceiling)
    found.push({ line, text: tidy(text.slice(at2, end)) })
    at2 = end + 1
  }
  return found.filter(entry => !isEmpty(entry.text))
}

function recordStart(text: string, at: number, floor: number, raw: boolean): number {
  let start = lineStart(text, at, floor)
  const engine = lastEngine(text, start, at)
  if (engine >= 0) return engine
  for (let i = 0; i < 12 && start > floor; i += 1) {
    const previous = lineStart(text, start - 1, floor)
    const line = text.slice(previous, start)
    const inside = raw && text.charCodeAt(start - 2) !== 13
    const begins = line.trim() === '' || (starter.test(text.slice(start, start + 60)) && !barePrefix.test(line))
    if (raw ? !inside : begins) return start
    const above = lastEngine(text, previous, start)
    if (above >= 0) return above
    start = previous
  }
  return start
}

function recordEnd(text: string, at: number, ceiling: number, raw: boolean): number {
  if (raw) {
    const end = text.slice(at, ceiling).indexOf('\r\n')
    return end < 0 ? ceiling : at + end
  }
  const next = /M?SI \([A-Za-z]\) \([0-9A-Fa-f]{1,8}[:!]/g
  next.lastIndex = at + 1
  const engine = next.exec(text.slice(0, Math.min(ceiling, at + 1600)))?.index ?? ceiling
  const limit = Math.min(ceiling, engine, at + 1500)
  let end = lineEnd(text, at, limit)
  let begin = at
  while (end < limit) {
    const head = text.slice(end + 1, end + 61)
    if (/^[ \t\r]*(?:\n|$)/.test(head)) return end
    if (starter.test(head) && !barePrefix.test(text.slice(begin, end))) return end
    begin = end + 1
    end = lineEnd(text, end + 1, limit)
  }
  return limit
}

function lastEngine(text: string, start: number, at: number): number {
  const found = text.slice(start, at).lastIndexOf('SI (')
  if (found < 0) return -1
  const engine = start + found
  if (!/^SI \([A-Za-z]\) \(/.test(text.slice(engine, engine + 8))) return -1
  return text[engine - 1] === 'M' && engine > start ? engine - 1 : engine
}

/** True when the non-blank line above or below is a log's. */
function touchesLog(text: string, start: number, end: number, floor: number, ceiling: number): boolean {
  let above = start
  for (let i = 0; i < 3 && above > floor; i += 1) {
    const previous = lineStart(text, above - 1, floor)
    const line = text.slice(previous, above)
    if (!isEmpty(line)) return shape.test(line)
    above = previous
  }
  let below = end
  for (let i = 0; i < 3 && below < ceiling; i += 1) {
    const next = lineEnd(text, below + 1, ceiling)
    const line = text.slice(below + 1, next)
    if (!isEmpty(line)) return shape.test(line)
    below = next
  }
  return false
}

/** Nothing but blanks, or the fence that Markdown puts around a log. */
function isEmpty(line: string): boolean {
  return /^[\s`*]*$/.test(line)
}

/** At most three: the first ones; or, where the words that were found stand further down, the first, theirs, and the one after. */
function ownLines(text: string, [start, at, end]: [number, number, number], line: number, floor: number): Evidence[] {
  const found: Evidence[] = []
  let ofWords = 0
  let begin = lineStart(text, start, floor)
  for (let number = line; begin < end && (begin <= at || found.length < Math.max(3, ofWords + 2)); number += 1) {
    const stop = lineEnd(text, begin, text.length)
    const own = tidy(text.slice(begin, Math.min(stop, begin + 1200)))
    if (begin <= at) ofWords = found.length
    if (!isEmpty(own)) found.push({ line: number, text: own })
    begin = stop + 1
  }
  return ofWords < 3 ? found.slice(0, 3) : [...found.slice(0, 1), ...found.slice(ofWords, ofWords + 2)]
}

function lineStart(text: string, at: number, floor: number): number {
  const found = at <= 0 ? -1 : text.slice(floor, at).lastIndexOf('\n')
  return found < 0 ? floor : floor + found + 1
}

function lineEnd(text: string, at: number, ceiling: number): number {
  const found = text.slice(at, ceiling).indexOf('\n')
  return found < 0 ? ceiling : at + found
}

function timeOf(text: string): number | undefined {
  const found = actionTime.exec(text) ?? bracketTime.exec(text)
  return found === null ? undefined : seconds(found[1], found[2], found[3])
}

function seconds(hours = '0', minutes = '0', rest = '0'): number {
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(rest)
}

function countLines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1
  return count
}

/** Longest line kept as evidence, in characters. */
const longestLine = 400

function tidy(line: string): string {
  const own = line.trimEnd()
  return detach(own.length > longestLine ? `${own.slice(0, longestLine)}...` : own)
}

function fold(text: string): string {
  return text
    .replace(/\*\*/g, '')
    .replace(/[\s`]+/g, ' ')
    .replace(/\u2019/g, "'")
    .trim()
}

/** `tail`, as a part of `text` where it is one: thousands of records are kept, and each would hold the same words twice. */
function endOf(text: string, tail: string): string {
  return text.endsWith(tail) ? text.slice(text.length - tail.length) : detach(tail)
}

/** A slice keeps the whole chunk it was cut from alive; this copies it out. */
function detach(text: string): string {
  return text.length < 13 ? text : ` ${text}`.slice(1)
}
