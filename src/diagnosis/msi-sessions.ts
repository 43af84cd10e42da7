import { type AttemptFacts, addAttempt, note, noteSilence, sightingsKept } from './attempt.js'
import { codeByMessage } from './codes.js'
import type { LogModel } from './model.js'
import {
  endAction,
  startAction,
  startOperation,
  takeActionError,
  takeError,
  takeOperation,
  takeOutput,
  uneventful,
} from './msi-actions.js'
import { codeOf, conclude, hasSubstance, noteKb, takeEnd, takeProduct, takeStatus } from './msi-outcome.js'
import { isFarewell, isOtherClient, newSession, type Session } from './msi-session.js'
import {
  actionEnd,
  actionEndsElsewhere,
  actionError,
  actionStart,
  bare,
  clientEnd,
  engineEnd,
  errors,
  frameStart,
  frameStop,
  headings,
  innerStart,
  innerStop,
  originalPatch,
  output,
  product,
  scriptAction,
  status,
  statusElsewhere,
  updateFailed,
} from './msi-words.js'
import type { LogRecord } from './record.js'
import type { Hit } from './scanner.js'

const headingWords: ReadonlySet<string> = new Set(headings)

/**
 * Sessions of Windows Installer in one log: verbose or terse, several in a file (`/L+`), parts without a frame, excerpts printed in
 * an article. Facts: msi-log-format.md, "Session frame", "Line kinds", "Return values".
 */
export class MsiSessions implements LogModel {
  readonly phrases = [
    frameStart, frameStop, innerStart, innerStop, actionEnd, ...actionEndsElsewhere, actionStart, scriptAction, engineEnd, clientEnd,
    actionError, status, ...statusElsewhere, updateFailed, product, ...errors, output, originalPatch, ...headings, ...codeByMessage.map(entry => entry.phrase),
  ] // biome-ignore format: a list of words
  readonly #own: ReadonlySet<string> = new Set(this.phrases)
  readonly #sessions: Session[] = []
  #current: Session | undefined
  #paused = false
  #printed = false
  /** The code of an event that somebody put above the log. */
  #told: number | undefined

  see(hit: Hit): void {
    const words = hit.phrases
    if (words.some(word => headingWords.has(word)) && this.#heading(hit)) return
    if (this.#passes(hit) || this.#addsNothing(words)) return
    const record = hit.record()
    const session = this.#sessionFor(words, record)
    if (session === undefined) {
      this.#told ??= codeOf(words, record)
      return
    }
    if (record.process !== undefined) session.processes.add(record.process)
    note(session.facts, words, record)
    if (record.time !== undefined && session.facts.firstFailure === undefined) session.facts.failedAt = record.time
    for (const word of words) this.#take(word, session, record, hit)
  }

  silent(silence: { line: number; seconds: number }): void {
    if (this.#current !== undefined && !this.#paused) noteSilence(this.#current.facts, silence)
  }

  finish(lines: number): AttemptFacts[] {
    const found = this.#sessions.filter(session => !this.#printed || hasSubstance(session))
    if (found.length === 0 && !this.#printed && lines > 0) found.push(newSession(1, 'none'))
    const [only, ...others] = found
    if (only !== undefined && others.length === 0 && !this.#printed) only.status ??= this.#told
    return found.map((session, i) => {
      conclude(session)
      session.facts.followed = i < found.length - 1
      session.facts.excerpt = this.#printed
      return session.facts
    })
  }

  /** As often as this was said already, once more tells no more; the words that the sessions are made of always count. */
  #addsNothing(words: readonly string[]): boolean {
    const session = this.#current
    if (session === undefined || session.closed || this.#paused) return false
    return words.every(word => !this.#own.has(word) && (session.facts.seen.get(word)?.length ?? 0) >= sightingsKept)
  }

  /** Most action lines say only that an action begins, or went well: nothing has to be known of them but that. */
  #passes({ phrases, line, ownLine }: Hit): boolean {
    const session = this.#current
    if (session === undefined || session.closed || this.#paused) return false
    if (!phrases.some(word => word === actionEnd || word === actionStart || word === scriptAction)) return false
    const text = ownLine()
    const { facts } = session
    const plain = uneventful(text)
    if (plain !== undefined) {
      if (facts.firstFailure === undefined) facts.failedAt = plain.seconds
      if (plain.begins === undefined) session.lastOutput = undefined
      else facts.lastAction = { name: plain.begins, description: '', line, lines: [{ line, text }] }
    } else if (!takeOperation(session, line, text)) return false
    session.boundary = line
    facts.lastLine = Math.max(facts.lastLine, line)
    return true
  }

  #heading(hit: Hit): boolean {
    const own = hit
      .around(0, 0)[0]
      ?.text.replace(/[\s*#_>]+/g, ' ')
      .trim()
    if (own === undefined || !headings.includes(own)) return false
    this.#printed = true
    this.#paused = true
    return true
  }

  #sessionFor(words: readonly string[], record: LogRecord): Session | undefined {
    if (words.includes(frameStart)) return this.#open(record, 'verbose')
    const current = this.#current
    if (words.includes(innerStart) && (current === undefined || current.framed !== 'verbose' || current.closed)) {
      return this.#open(record, 'plain')
    }
    if (this.#paused) return this.#resume(record)
    const opens =
      record.process !== undefined ||
      words.includes(actionEnd) ||
      words.includes(actionStart) ||
      words.includes(actionError) ||
      (record.logShaped && /^Error \d{4}\. /.test(record.tail)) ||
      words.some(word => actionEndsElsewhere.includes(word)) ||
      (record.property && record.logShaped) ||
      (words.includes(output) && record.logShaped) ||
      bare.test(record.text)
    if (current === undefined) return opens ? this.#open(record, 'none') : undefined
    if (!current.closed && !isOtherClient(current, record)) return current
    if (isFarewell(current, words, record)) return current
    const foreign = record.process !== undefined && !current.processes.has(record.process)
    return foreign ? this.#open(record, 'none') : current
  }

  /** After prose: the excerpt it spoke of goes on where the same process writes again; another process is another case. */
  #resume(record: LogRecord): Session | undefined {
    const own = record.process
    const earlier = own === undefined ? undefined : this.#sessions.findLast(session => session.processes.has(own))
    if (earlier !== undefined) {
      this.#paused = false
      this.#current = earlier
      return earlier
    }
    if (
      own === undefined &&
      !/^(?:Action (?:start|ended) \d|CAQuietExec: Error|Error 0x|CustomAction )/.test(record.tail)
    )
      return undefined
    return this.#open(record, 'none')
  }

  #open(record: LogRecord, framed: Session['framed']): Session {
    const session = newSession(record.line, framed)
    addAttempt(this.#sessions, session, this.#sessions.at(-1)?.facts)
    this.#current = session
    this.#paused = false
    return session
  }

  #take(word: string, session: Session, record: LogRecord, hit: Hit): void {
    const { facts } = session
    if (word === frameStop || (word === innerStop && session.framed !== 'verbose')) session.closed = true
    if (record.property) return
    if (word === actionStart) startAction(session, record)
    else if (word === scriptAction) startOperation(session, record)
    else if (word === actionEnd || actionEndsElsewhere.includes(word)) endAction(session, record, hit)
    else if (word === actionError) takeActionError(session, record)
    else if (errors.includes(word)) takeError(session, record)
    else if (word === output) takeOutput(session, record)
    else if (word === engineEnd || word === clientEnd) takeEnd(session, word, record)
    else if (word === status || word === updateFailed || statusElsewhere.includes(word)) takeStatus(session, record)
    else if (word === product) takeProduct(session, record)
    else if (word === originalPatch) noteKb(facts, record.tail)
    else if (record.logShaped) session.messageCode ??= codeByMessage.find(entry => entry.phrase === word)?.code
  }
}
