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

/** An action that begins, or one that was not needed or went well. */
export const uneventful =
  /^Action (?:(start)|ended) (\d{1,2}):(\d\d):(\d\d): (?:([^.]+)\.|[^.]+\. Return value [01]\.)$/

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

/** `Action ended H:MM:SS: NAME. Return value N.`, or the same in the package's language: time, name, digit. */
export function endAction(session: Session, record: LogRecord, hit: Hit): void {
  const found = /^\D*?\d{1,2}:\d\d:\d\d ?: ?(.+?)[.\u3002] ?[^\d.\u3002]*(\d+)/.exec(record.text)
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

/** `Error NNNN. text`, alone or after "Product: P -- ". `DEBUG: Error` and `Info` are messages of dialogs. */
export function takeError(session: Session, record: LogRecord): void {
  if (!/^Error \d{4}\./.test(record.tail) || /DEBUG:|Info \d{4}/.test(record.text)) return
  if (session.facts.firstFailure !== undefined) return
  session.lastError = { name: '', code: Number(record.tail.slice(6, 10)), line: record.line, lines: record.lines }
}

export function takeOutput(session: Session, { line, lines, logShaped }: LogRecord): void {
  if (logShaped && session.facts.firstFailure === undefined) session.lastOutput ??= { line, lines }
}
