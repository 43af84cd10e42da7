import type { Attempt, Evidence, Gap, LogKind } from './finding.js'
import type { LogRecord } from './record.js'

/** A record some rule asked for, as it was met in an attempt. */
export interface Sighting extends LogRecord {
  /** True for output of an action whose failure the installer ignored ("continue marking"). */
  ignored: boolean
}

/** A custom action that ended with an error code. */
export interface ActionError {
  /** Empty when a nested session failed. */
  name: string
  code: number
  line: number
  lines: Evidence[]
}

/** One installation (or one run of a script) in a log, as read: no judgement yet. */
export interface AttemptFacts {
  kind: LogKind
  outcome: Attempt['outcome']
  exitCode: number | null
  product?: string
  update?: string
  kb?: string
  /** The version of the product that was to be patched: `8.1.240.6`. */
  version?: string
  firstLine: number
  lastLine: number
  firstFailure?: { line: number; action: string; returnValue: number }
  /** Time of the first failure, else of the last record: seconds since midnight on the server's clock. */
  failedAt?: number
  /** Lines that show the failure: "Action ended", and above it the error it led back to. */
  failureEvidence: Evidence[]
  /** Lines around the first failure. */
  context: Evidence[]
  /** The action that ran when the log ended. */
  lastAction?: { name: string; description: string; line: number; lines: Evidence[] }
  /** Line of the first record that says how it all ended. */
  outcomeLine?: number
  /** The file's own lines of that record. */
  outcomeLines: Evidence[]
  /** The longest times in which nothing was written, the longest first. */
  silences: Gap[]
  /** Another attempt follows in the same file. */
  followed: boolean
  /** Part of a log, printed in an article: what is missing from it was left out by its author. */
  excerpt: boolean
  /** ServiceControl.log: an earlier patch in the same file disabled services and never gave them back. */
  afterUnrestored: boolean
  /** What the rules asked for, by phrase. */
  seen: Map<string, Sighting[]>
}

/** Records kept of one phrase in one attempt, the first and the last ones: the rest add nothing to an answer. */
export const sightingsKept = 100
const firstKept = sightingsKept / 2

export function newAttempt(kind: LogKind, firstLine: number): AttemptFacts {
  return {
    kind,
    outcome: 'incomplete',
    exitCode: null,
    firstLine,
    lastLine: firstLine,
    failureEvidence: [],
    context: [],
    outcomeLines: [],
    silences: [],
    followed: false,
    excerpt: false,
    afterUnrestored: false,
    seen: new Map(),
  }
}

export function note(attempt: AttemptFacts, phrases: readonly string[], record: LogRecord): void {
  attempt.lastLine = Math.max(attempt.lastLine, record.line)
  for (const phrase of phrases) {
    const list = attempt.seen.get(phrase)
    if (list === undefined) attempt.seen.set(phrase, [{ ...record, ignored: false }])
    else {
      if (list.length >= sightingsKept) list.splice(firstKept, 1)
      list.push({ ...record, ignored: false })
    }
  }
}

const silencesKept = 5

export function noteSilence(attempt: AttemptFacts, { line, seconds }: { line: number; seconds: number }): void {
  if (line <= attempt.firstLine) return
  const { name, description = '' } = attempt.lastAction ?? {}
  attempt.silences.push({
    line,
    seconds,
    ...(name === undefined ? {} : { action: name }),
    ...(description === '' ? {} : { phase: description }),
  })
  attempt.silences.sort((a, b) => b.seconds - a.seconds || a.line - b.line)
  attempt.silences.length = Math.min(attempt.silences.length, silencesKept)
}

/** Attempts kept of one log that only grows: the last ones. */
const attemptsKept = 50

/** Records kept of an attempt that another one follows, before each phrase is left with its first and its last. */
const earlierKept = 1000

/**
 * Adds to the attempts of a log. However long it is and whatever it says, only so much is kept: the last attempts, and of the one before,
 * `earlier`, not every record.
 */
export function addAttempt<T>(attempts: T[], attempt: T, earlier: AttemptFacts | undefined): void {
  const lists = [...(earlier?.seen.values() ?? [])]
  if (lists.reduce((sum, list) => sum + list.length, 0) > earlierKept)
    for (const list of lists) list.splice(1, list.length - 2)
  attempts.push(attempt)
  if (attempts.length > attemptsKept) attempts.shift()
}
