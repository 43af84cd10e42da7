import {
  type ActionError,
  type AttemptFacts,
  addAttempt,
  newAttempt,
  note,
  noteSilence,
  sightingsKept,
} from './attempt.js'
import { codeByMessage, isSuccess } from './codes.js'
import type { Evidence } from './finding.js'
import type { LogModel } from './model.js'
import type { LogRecord } from './record.js'
import { evidenceOf } from './rule.js'
import type { Hit } from './scanner.js'

const frameStart = '=== Verbose logging started:'
const frameStop = '=== Verbose logging stopped:'
const innerStart = '=== Logging started:'
const innerStop = '=== Logging stopped:'
const actionEnd = 'Action ended'
/**
 * "Action ended ... Return value" in the language of the package: Chinese as seen (msi-log-format.md, "Localised logs"); for the others
 * words of theirs around a time, a name and a digit. What a language has otherwise is not found; the outcome then comes from the engine.
 */
const actionEndsElsewhere = [
  '\u64cd\u4f5c\u7ed3\u675f',
  'Aktion beendet',
  'Action termin',
  'Azione terminata',
  'Valor de retorno',
  'Valor devuelto',
]
const actionStart = 'Action start'
const scriptAction = 'Executing op: ActionStart(Name='
const engineEnd = 'MainEngineThread is returning'
const clientEnd = 'Back from server. Return value:'
const actionError = 'returned actual error code'
const status = 'success or error status:'
const updateFailed = 'could not be installed. Error code'
const product = 'Product:'
/** A custom action's own words about its failure; whether it counts, its result line says. */
const output = 'Error 0x'
const errors = ['Error 1', 'Error 2']
const originalPatch = 'Original patch ==>'
/** Where an article about a log goes over into prose. */
const headings = ['Root Cause:', 'Solution:', 'Resolution:', 'Workaround:', 'More Information:', 'Prevention:']

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

/** A record of the engine whose prefix somebody took off (msi-log-format.md, "File level"), or a message of the installer's own. */
const bare =
  /^(?:SOURCEMGMT: |Note: 1: \d|Couldn't find local patch '|Unable to create a temp copy of patch '|Could not find source for missing patch|PATCH SEQUENCER: |SequencePatches starts\.|Warning: Local cached package '|MainEngineThread is returning|Executing op: |This patch package could not be opened|Another installation is already in progress|The configuration data for this product|The system administrator has set policies|Windows Installer installed an update\.|Windows Installer installed the product\.)/

/** An action that begins, or one that was not needed or went well. */
const uneventful = /^Action (?:(start)|ended) (\d{1,2}):(\d\d):(\d\d): (?:([^.]+)\.|[^.]+\. Return value [01]\.)$/

const wholeOperation =
  /^MSI \(([A-Za-z])\) \(([0-9A-Fa-f]{1,8})[:!][0-9A-Fa-f]{1,8}\) \[(\d\d):(\d\d):(\d\d):\d{3}\]: Executing op: ActionStart\(Name=([^,)]*)(?:,Description=([^,)]*))?/

interface Session {
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

/**
 * Sessions of Windows Installer in one log: verbose or terse, several in a file (`/L+`), parts without a frame, excerpts printed in
 * an article. Facts: msi-log-format.md, "Session frame", "Line kinds", "Return values".
 */
export class MsiSessions implements LogModel {
  readonly phrases = [
    frameStart, frameStop, innerStart, innerStop, actionEnd, ...actionEndsElsewhere, actionStart, scriptAction, engineEnd, clientEnd,
    actionError, status, updateFailed, product, ...errors, output, originalPatch, ...headings, ...codeByMessage.map(entry => entry.phrase),
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
    if (words.some(word => headings.includes(word)) && this.#heading(hit)) return
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
    const [, start, hours, minutes, seconds, name = ''] = uneventful.exec(text) ?? []
    if (hours !== undefined) {
      if (facts.firstFailure === undefined)
        facts.failedAt = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
      if (start === undefined) session.lastOutput = undefined
      else facts.lastAction = { name, description: '', line, lines: [{ line, text }] }
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
      words.some(word => actionEndsElsewhere.includes(word)) ||
      (words.includes(output) && record.logShaped) ||
      bare.test(record.text)
    if (current === undefined) return opens ? this.#open(record, 'none') : undefined
    if (!current.closed && !isOtherClient(current, record)) return current
    if (isFarewell(current, words)) return current
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
    addAttempt(this.#sessions, session)
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
    else if (word === status || word === updateFailed) takeStatus(session, record)
    else if (word === product) takeProduct(session, record)
    else if (word === originalPatch) noteKb(facts, record.tail)
    else if (record.logShaped) session.messageCode ??= codeByMessage.find(entry => entry.phrase === word)?.code
  }
}

function newSession(line: number, framed: Session['framed']): Session {
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

/** A log that is not verbose ends before the engine says how it went; those lines are still its own. */
function isFarewell({ framed, processes }: Session, words: readonly string[]): boolean {
  return framed === 'plain' && processes.size === 0 && !words.includes(actionStart)
}

/** Without a frame around it, another client process is another installation. */
function isOtherClient(session: Session, record: LogRecord): boolean {
  if (session.framed === 'verbose' || record.process === undefined || !record.process.startsWith('c:')) return false
  return !session.processes.has(record.process) && [...session.processes].some(known => known.startsWith('c:'))
}

function startAction(session: Session, record: LogRecord): void {
  const found = /^Action start \d{1,2}:\d\d:\d\d: (.+?)\.?$/.exec(record.tail)
  if (found?.[1] === undefined) return
  session.boundary = record.line
  session.facts.lastAction = { name: found[1], description: '', line: record.line, lines: record.lines }
}

/** The same as `startOperation`, of a line that is a whole record by its look. */
function takeOperation(session: Session, line: number, text: string): boolean {
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

function startOperation(session: Session, record: LogRecord): void {
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
function endAction(session: Session, record: LogRecord, hit: Hit): void {
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
function takeActionError(session: Session, record: LogRecord): void {
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
function takeError(session: Session, record: LogRecord): void {
  if (!/^Error \d{4}\./.test(record.tail) || /DEBUG:|Info \d{4}/.test(record.text)) return
  if (session.facts.firstFailure !== undefined) return
  session.lastError = { name: '', code: Number(record.tail.slice(6, 10)), line: record.line, lines: record.lines }
}

function takeOutput(session: Session, { line, lines, logShaped }: LogRecord): void {
  if (logShaped && session.facts.firstFailure === undefined) session.lastOutput ??= { line, lines }
}

function takeEnd(session: Session, word: string, record: LogRecord): void {
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

/** Windows Installer's own account of the outcome (events 1033 to 1038 in words). */
function takeStatus(session: Session, record: LogRecord): void {
  const { facts } = session
  const code = /(?:success or error status: |Error code )(\d+)/.exec(record.text)?.[1]
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

function codeOf(words: readonly string[], { text }: LogRecord): number | undefined {
  if (!words.includes(updateFailed) && !words.includes(status)) return undefined
  const code = /(?:success or error status: |Error code )(\d+)/.exec(text)?.[1]
  return code === undefined ? undefined : Number(code)
}

function takeProduct(session: Session, record: LogRecord): void {
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

function conclude(session: Session): void {
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
function hasSubstance({ facts, framed, saidFailed, saidDone, status: code }: Session): boolean {
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
function noteKb(facts: AttemptFacts, text: string): void {
  const found = /KB ?(\d{5,8})/i.exec(text)?.[1]
  if (found !== undefined) facts.kb ??= `KB${found}`
}
