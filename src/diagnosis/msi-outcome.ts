import type { AttemptFacts } from './attempt.js'
import { isSuccess } from './codes.js'
import type { Session } from './msi-session.js'
import { engineEnd, status, updateFailed } from './msi-words.js'
import type { LogRecord } from './record.js'

export function takeEnd(session: Session, word: string, record: LogRecord): void {
  const code = /(?:is returning|Return value:) (-?\d+)/.exec(record.tail)?.[1]
  if (code === undefined) return
  if (word === engineEnd || session.facts.exitCode === null) session.facts.exitCode = Number(code)
  takeOutcome(session, record)
  if (record.process?.startsWith('c:') && session.framed === 'none') session.closed = true
}

function takeOutcome(session: Session, { line, lines }: LogRecord): void {
  if (session.facts.outcomeLine !== undefined) return
  session.facts.outcomeLine = line
  session.facts.outcomeLines = lines
}

/** The number at the end, whatever the language. */
const elsewhere = /Windows Installer .*: ?(\d+)\.?$/

/** Windows Installer's own account of the outcome (events 1033 to 1038 in words). */
export function takeStatus(session: Session, record: LogRecord): void {
  const { facts } = session
  const code = (/(?:success or error status: |Error code )(\d+)/.exec(record.text) ?? elsewhere.exec(record.text))?.[1]
  if (code === undefined) return
  takeOutcome(session, record)
  session.status = Math.max(session.status ?? 0, Number(code))
  const name =
    /Product Name: (.*?)\. Product Version:/.exec(record.text)?.[1] ??
    /Product: (.+?) - Update '/.exec(record.text)?.[1]
  const update =
    /Update Name: (.*?)\. [A-Z][a-z]+ success/.exec(record.text)?.[1] ??
    / - Update '(.+?)' could not/.exec(record.text)?.[1]
  const version = /Product Version: ([\d.]+\d)/.exec(record.text)?.[1]
  if (name !== undefined) facts.product ??= name
  if (version !== undefined) facts.version ??= version
  if (update === undefined) return
  facts.update ??= update
  noteKb(facts, update)
}

export function codeOf(words: readonly string[], { text }: LogRecord): number | undefined {
  if (!words.includes(updateFailed) && !words.includes(status)) return undefined
  const code = /(?:success or error status: |Error code )(\d+)/.exec(text)?.[1]
  return code === undefined ? undefined : Number(code)
}

export function takeProduct(session: Session, record: LogRecord): void {
  const found = /^Product: (.+?) --? (.*)/.exec(record.tail)
  if (found?.[1] === undefined || found[2] === undefined || !record.logShaped) return
  const { facts } = session
  facts.product ??= found[1]
  const failed = /^(?:Installation|Configuration|Removal)(?: operation)? failed\b/.test(found[2])
  const done =
    /^(?:Installation|Configuration|Removal)(?: operation)? completed successfully|^Update '.*' installed successfully/.test(
      found[2],
    )
  if (failed) session.saidFailed = true
  if (done) session.saidDone = true
  if (failed || done) takeOutcome(session, record)
}

export function conclude(session: Session): void {
  const { facts } = session
  facts.exitCode ??= session.status ?? session.messageCode ?? null
  if (facts.exitCode === 1602 && session.cancelledAt !== undefined) facts.firstFailure ??= session.cancelledAt
  if (facts.exitCode !== null) facts.outcome = isSuccess(facts.exitCode) ? 'succeeded' : 'failed'
  else if (session.saidFailed || facts.firstFailure !== undefined) facts.outcome = 'failed'
  else if (session.saidDone) facts.outcome = 'succeeded'
  if (facts.outcome === 'succeeded') delete facts.firstFailure
  if (facts.outcome === 'failed' && facts.failureEvidence.length === 0) facts.failureEvidence = facts.outcomeLines
}

/** An excerpt that says anything about how an installation went. */
export function hasSubstance({ facts, framed, saidFailed, saidDone, status: code }: Session): boolean {
  return (
    framed !== 'none' ||
    saidFailed ||
    saidDone ||
    code !== undefined ||
    facts.exitCode !== null ||
    facts.firstFailure !== undefined
  )
}

/** The first number named stands: what is installed is named before what it replaces. */
export function noteKb(facts: AttemptFacts, text: string): void {
  const found = /KB ?(\d{5,8})/i.exec(text)?.[1]
  if (found !== undefined) facts.kb ??= `KB${found}`
}
