import { type ActionError, type AttemptFacts, newAttempt } from './attempt.js'
import type { Evidence } from './finding.js'
import { actionStart, clientEnd, engineEnd } from './msi-words.js'
import type { LogRecord } from './record.js'

/** One session of Windows Installer, as far as it was read. */
export interface Session {
  facts: AttemptFacts
  /** Opened by a frame line; only its own end or a new frame closes it. */
  framed: 'verbose' | 'plain' | 'none'
  closed: boolean
  processes: Set<string>
  cancelledAt: { line: number; action: string; returnValue: number } | undefined
  lastError: ActionError | undefined
  /** The first error an action printed since the last action began or ended. */
  lastOutput: { line: number; lines: Evidence[] } | undefined
  lastOp: string | undefined
  /** Line of the last action start, end or result: output after it belongs to what runs now. */
  boundary: number
  status: number | undefined
  saidFailed: boolean
  saidDone: boolean
  messageCode: number | undefined
}

export function newSession(line: number, framed: Session['framed']): Session {
  return {
    facts: newAttempt('msi', line),
    framed,
    closed: false,
    processes: new Set(),
    cancelledAt: undefined,
    lastError: undefined,
    lastOutput: undefined,
    lastOp: undefined,
    boundary: line,
    status: undefined,
    saidFailed: false,
    saidDone: false,
    messageCode: undefined,
  }
}

/** A log that is not verbose ends before the engine says how it went, and the client says it after the server: those lines are still its own. */
export function isFarewell({ framed, processes }: Session, words: readonly string[], { process }: LogRecord): boolean {
  if (framed === 'verbose' || words.includes(actionStart)) return false
  if (processes.size === 0) return true
  const clientEnds = process?.startsWith('c:') === true && words.some(word => word === engineEnd || word === clientEnd)
  return clientEnds && ![...processes].some(known => known.startsWith('c:'))
}

/** Without a frame around it, another client process is another installation. */
export function isOtherClient(session: Session, record: LogRecord): boolean {
  if (session.framed === 'verbose' || record.process === undefined || !record.process.startsWith('c:')) return false
  return !session.processes.has(record.process) && [...session.processes].some(known => known.startsWith('c:'))
}
