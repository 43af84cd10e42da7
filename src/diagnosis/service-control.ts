import { type AttemptFacts, addAttempt, newAttempt, note, noteSilence } from './attempt.js'
import type { LogModel } from './model.js'
import type { LogRecord } from './record.js'
import { evidenceOf } from './rule.js'
import type { Hit } from './scanner.js'

const banner = '* ServiceControl.ps1:'
const options = 'Performing service control with options:'
/** First steps of a run whose banner does not name it: of Exchange 2013 and later it never does. */
const saving = 'Saving service and registry data'
const enabling = 'Enabling services for the following roles'
const completed = 'Script completed'
const disabling = "Disabling service '"
const stopping = "Stopping service '"
const starting = 'Starting'
const failures = [
  '[Error]',
  'Unable to',
  'Exchange server is not installed',
  'is not recognized as the name of a cmdlet',
]

/** One patch: its BeforePatch run and whatever ran until the next one. */
interface Cycle {
  facts: AttemptFacts
  operation: string
  runOpen: boolean
  failed: boolean
  disabled: boolean
  restored: boolean
  /** The step that ran last: `Stopping service 'X'.` */
  last: LogRecord | undefined
}

/**
 * ServiceControl.log: what the patch's own script did to the services. It only grows, so it holds every patch the server ever got;
 * an attempt is one patch, from its BeforePatch on. Banner, steps and last lines are those of Exchange's own ServiceControl.ps1
 * (exchange.md 2.4, 6.2).
 */
export class ServiceControlRuns implements LogModel {
  readonly phrases = [banner, options, saving, enabling, completed, disabling, stopping, starting, ...failures]
  readonly #cycles: Cycle[] = []
  /** Line of a banner without an operation, until the first step of its run tells which it is. */
  #unnamed: number | undefined

  see(hit: Hit): void {
    const words = hit.phrases
    const record = hit.record()
    const operation = this.#operationIn(words, record)
    const cycle = this.#cycleFor(operation, this.#unnamed ?? record.line)
    if (operation !== undefined) this.#unnamed = undefined
    note(cycle.facts, words, record)
    if (record.time !== undefined) cycle.facts.failedAt = record.time
    if (operation !== undefined) {
      cycle.operation = operation
      cycle.runOpen = true
    }
    if (words.includes(disabling)) cycle.disabled = true
    if (words.includes(stopping) || words.includes(disabling) || words.includes(starting)) {
      cycle.last = record
    }
    if (words.includes(completed)) complete(cycle, record.text)
    if (words.some(word => failures.includes(word))) {
      cycle.failed = true
      cycle.facts.firstFailure ??= {
        line: record.line,
        action: cycle.operation || 'ServiceControl.ps1',
        returnValue: 1,
      }
      if (cycle.facts.failureEvidence.length === 0) {
        cycle.facts.failureEvidence = evidenceOf(record)
        cycle.facts.context = hit.around(3, 2)
      }
    }
  }

  silent(silence: { line: number; seconds: number }): void {
    const cycle = this.#cycles.at(-1)
    // Between two runs hours may pass.
    if (cycle?.runOpen !== true) return
    if (cycle.last !== undefined) cycle.facts.lastAction = actionOf(cycle, cycle.last)
    noteSilence(cycle.facts, silence)
  }

  finish(): AttemptFacts[] {
    let unrestored = false
    return this.#cycles.map((cycle, i) => {
      const { facts } = cycle
      facts.outcome = cycle.failed ? 'failed' : cycle.runOpen ? 'incomplete' : 'succeeded'
      facts.followed = i < this.#cycles.length - 1
      facts.afterUnrestored = unrestored
      unrestored = cycle.disabled && !cycle.restored
      if (cycle.last !== undefined) facts.lastAction = actionOf(cycle, cycle.last)
      return facts
    })
  }

  #operationIn(words: readonly string[], { line, tail }: LogRecord): string | undefined {
    if (words.includes(options)) {
      const named = /options: *(\w+)/.exec(tail)?.[1]
      if (named === undefined) this.#unnamed = line
      return named
    }
    if (this.#unnamed === undefined) return undefined
    return words.includes(saving) ? 'BeforePatch' : words.includes(enabling) ? 'AfterPatch' : undefined
  }

  #cycleFor(operation: string | undefined, line: number): Cycle {
    const current = this.#cycles.at(-1)
    if (current !== undefined && operation !== 'BeforePatch') return current
    if (current !== undefined && current.operation === '' && !current.failed) return current
    const cycle: Cycle = {
      facts: newAttempt('service-control', line),
      operation: '',
      runOpen: true,
      failed: false,
      disabled: false,
      restored: false,
      last: undefined,
    }
    addAttempt(this.#cycles, cycle, this.#cycles.at(-1)?.facts)
    return cycle
  }
}

function actionOf({ operation }: Cycle, { tail, line, lines }: LogRecord): NonNullable<AttemptFacts['lastAction']> {
  return { name: operation, description: tail, line, lines }
}

function complete(cycle: Cycle, text: string): void {
  cycle.runOpen = false
  if (/with one or more errors/.test(text)) cycle.failed = true
  else if (cycle.operation === 'AfterPatch') cycle.restored = true
}
