import type { Session } from './msi-session.js'
import type { LogRecord } from './record.js'
import { evidenceOf } from './rule.js'
import type { Hit } from './scanner.js'

/** Sequences and containers: a 3 on one of them means that something inside it failed (msi-log-format.md, "Return values"). */
const containers = new Set([
  'InstallFinalize',
  'InstallExecute',
  'InstallExecuteAgain',
  'INSTALL',
  'ExecuteAction',
  'ADMIN',
  'ADVERTISE',
])

/** Return values of an action that end the installation: fatal, invalid handle, invalid data, already running. */
const fatal = new Set([3, 6, 7, 8])

const begun = 'Action start '
const ended = 'Action ended '
const wentWell = /^\. Return value [01]\.$/

/**
 * An action that begins, by its name, or one that was not needed or went well, without: `Action start 6:52:01: NAME.`,
 * `Action ended 6:52:01: NAME. Return value 1.` Undefined for any other line. Most lines about actions are such, so it takes no expression.
 */
export function uneventful(text: string): { seconds: number; begins?: string } | undefined {
  const begins = text.startsWith(begun)
  if (!begins && !text.startsWith(ended)) return undefined
  const digits = text.charCodeAt(begun.length + 1) === colon ? 1 : 2
  const seconds = clockAt(text, begun.length, digits)
  const name = begun.length + digits + ':mm:ss: '.length
  const stop = text.indexOf('.', name)
  if (seconds === undefined || stop <= name || !text.startsWith(': ', name - 2)) return undefined
  if (!begins) return wentWell.test(text.slice(stop)) ? { seconds } : undefined
  return stop === text.length - 1 ? { seconds, begins: text.slice(name, stop) } : undefined
}

const colon = 0x3a

/** Seconds since midnight, of `h:mm:ss` or `hh:mm:ss` at a place. */
function clockAt(text: string, at: number, hourDigits: number): number | undefined {
  const rest = at + hourDigits
  if (text.charCodeAt(rest) !== colon || text.charCodeAt(rest + 3) !== colon) return undefined
  const seconds =
    Number(text.slice(at, rest)) * 3600 +
    Number(text.slice(rest + 1, rest + 3)) * 60 +
    Number(text.slice(rest + 4, rest + 6))
  return Number.isNaN(seconds) ? undefined : seconds
}

const wholeOperation =
  /^MSI \(([A-Za-z])\) \(([0-9A-Fa-f]{1,8})[:!][0-9A-Fa-f]{1,8}\) \[(\d\d):(\d\d):(\d\d):\d{3}\]: Executing op: ActionStart\(Name=([^,)]*)(?:,Description=([^,)]*))?/

export function startAction(session: Session, record: LogRecord): void {
  const found = /^Action start \d{1,2}:\d\d:\d\d: (.+?)\.?$/.exec(record.tail)
  if (found?.[1] === undefined) return
  session.boundary = record.line
  session.facts.lastAction = { name: found[1], description: '', line: record.line, lines: record.lines }
}

/** The same as `startOperation`, of a line that is a whole record by its look. */
export function takeOperation(session: Session, line: number, text: string): boolean {
  const found = wholeOperation.exec(text)
  const [, letter = '', id = '', hours, minutes, seconds, name, description = ''] = found ?? []
  if (name === undefined) return false
  const process = `${letter.toLowerCase()}:${id.toUpperCase()}`
  if (!session.processes.has(process)) return false
  if (session.facts.firstFailure === undefined) {
    session.facts.failedAt = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  }
  session.lastOp = name
  session.facts.lastAction = { name, description, line, lines: [{ line, text }] }
  return true
}

export function startOperation(session: Session, record: LogRecord): void {
  const found = /ActionStart\(Name=([^,)]*)(?:,Description=([^,)]*))?/.exec(record.tail)
  if (found?.[1] === undefined) return
  session.boundary = record.line
  session.lastOp = found[1]
  session.facts.lastAction = {
    name: found[1],
    description: found[2] ?? '',
    line: record.line,
    lines: record.lines,
  }
}

const timedEnd = /^\D*?\d{1,2}:\d\d:\d\d ?: ?(.+?)[.\u3002] ?[^\d.\u3002]*(\d+)/
/** Authors of articles put dots or a word in the place of the time. */
const untimedEnd = /^Action ended\W*(?:[Tt]ime)?\W* (\w[^. ]*)\. Return value (\d+)/

/** `Action ended H:MM:SS: NAME. Return value N.`, or the same in the package's language: time, name, digit. */
export function endAction(session: Session, record: LogRecord, hit: Hit): void {
  const found = timedEnd.exec(record.text) ?? untimedEnd.exec(record.tail)
  if (found?.[1] === undefined) return
  const name = found[1]
  const returnValue = Number(found[2])
  const { facts } = session
  session.boundary = record.line
  const printed = session.lastOutput
  session.lastOutput = undefined
  if (returnValue === 2) session.cancelledAt ??= { line: record.line, action: name, returnValue }
  if (!fatal.has(returnValue) || facts.firstFailure !== undefined) return
  const error = session.lastError
  const near = error !== undefined && record.line - error.line <= (containers.has(name) ? 120 : 40) ? error : undefined
  const leaf = containers.has(name) ? near?.name || (near === undefined ? undefined : session.lastOp) : undefined
  facts.firstFailure = { line: record.line, action: leaf ?? name, returnValue }
  facts.failureEvidence = evidenceOf(printed, near, record)
  facts.context = hit.around(6, 1)
  if (record.time !== undefined) facts.failedAt = record.time
}

/** `CustomAction NAME returned actual error code N`: a failure, unless "continue marking" turned it into success. */
export function takeActionError(session: Session, record: LogRecord): void {
  const found = /CustomAction (\S*) ?returned actual error code (-?\d+)/.exec(record.text)
  if (found === null) return
  if (record.text.includes('translated to success')) {
    session.lastOutput = undefined
    for (const list of session.facts.seen.values()) {
      for (const sighting of list) {
        if (sighting.line > session.boundary && sighting.process === undefined) sighting.ignored = true
      }
    }
  } else session.lastError = { name: found[1] ?? '', code: Number(found[2]), line: record.line, lines: record.lines }
  session.boundary = record.line
}

/** `Error NNNN. text`, 1720 to 1723 with the custom action they are about, alone or after "Product: P -- ". `DEBUG: Error` and `Info` are messages of dialogs. */
export function takeError(session: Session, record: LogRecord): void {
  if (!/^Error \d{4}\./.test(record.tail) || /DEBUG:|Info \d{4}/.test(record.text)) return
  if (session.facts.firstFailure !== undefined) return
  const code = Number(record.tail.slice(6, 10))
  const program = code >= 1720 && code <= 1723 ? /\b[Aa]ction:? (\w[\w.]*)/.exec(record.tail)?.[1] : undefined
  session.lastError = { name: program ?? '', code, line: record.line, lines: record.lines }
}

export function takeOutput(session: Session, { line, lines, logShaped }: LogRecord): void {
  if (logShaped && session.facts.firstFailure === undefined) session.lastOutput ??= { line, lines }
}
