import { type AttemptFacts, newAttempt, note } from './attempt.js'
import { isSuccess } from './codes.js'
import type { LogModel } from './model.js'
import type { LogRecord } from './record.js'
import type { Hit } from './scanner.js'
import { xmlEvent } from './xml-event.js'

const updateFailed = 'could not be installed. Error code'
const status = 'success or error status:'
const installed = 'installed successfully'
/** Service Control Manager 7000 and 7009 in their own words, and 7040 (exchange.md 3.1, 3.7). */
const serviceTrouble = ['did not respond to the start or control request', 'Timeout (', 'A timeout was reached ('] // biome-ignore format: short

/** What an event has beside its message, as text, XML or CSV: before the first of these a file is somebody's prose. */
const fields = [
  'Event ID',
  'EventID',
  '<Event',
  'Event Type:',
  'MsiInstaller',
  'Service Control Manager',
  'ProviderName',
]

/**
 * Event log records as text, XML or CSV. The installer's own events give the outcome by their fields, not their numbers: 1023 and
 * 1024 are one fault, written with or without a log file (msi-log-format.md, "Events of source MsiInstaller").
 */
export class EventRecords implements LogModel {
  readonly phrases = [updateFailed, status, installed, ...serviceTrouble, ...fields]
  #begun = false
  #facts: AttemptFacts | undefined
  #outcome: AttemptFacts['outcome'] | undefined

  see(hit: Hit): void {
    this.#begun ||= hit.phrases.some(word => fields.includes(word))
    if (!this.#begun) return
    const record = hit.record()
    this.#facts ??= newAttempt('events', record.line)
    const facts = this.#facts
    note(facts, hit.phrases, record)
    if (hit.phrases.includes('MsiInstaller')) this.#takeXml(facts, record)
    if (!hit.phrases.some(word => word === updateFailed || word === status || word === installed)) return
    const code = /(?:success or error status: |Error code )(\d+)/.exec(record.text)?.[1]
    const value = hit.phrases.includes(installed) ? 0 : code === undefined ? undefined : Number(code)
    if (value === undefined) return
    const update =
      /Update '([^']+)'/.exec(record.text)?.[1] ?? /Update Name: (.*?)\. [A-Z][a-z]+ success/.exec(record.text)?.[1]
    const name =
      /Product: (.+?) - Update/.exec(record.text)?.[1] ??
      /Product Name: (.*?)\. Product Version:/.exec(record.text)?.[1]
    facts.exitCode = value
    this.#outcome = isSuccess(value) ? 'succeeded' : 'failed'
    if (name !== undefined) facts.product = name
    if (update !== undefined) facts.update = update
    const kb = /KB ?(\d{5,8})/.exec(update ?? '')?.[1]
    if (kb !== undefined) facts.kb = `KB${kb}`
    if (this.#outcome === 'failed') facts.failureEvidence = record.lines
    facts.outcomeLines = record.lines
    facts.context = hit.around(3, 1)
  }

  /** 1022 installed, 1023 and 1024 not installed: product, update and error code in this order; 1036: the status is the fifth value. */
  #takeXml(facts: AttemptFacts, { tail, lines }: LogRecord): void {
    const { id, data } = xmlEvent(tail) ?? { id: 0, data: [] }
    const code = id === 1022 ? '0' : id === 1023 || id === 1024 ? data[2] : id === 1036 ? data[4] : undefined
    const update = id === 1036 ? data[3] : data[1]
    if (code === undefined || !/^\d+$/.test(code) || data[0] === undefined) return
    facts.product = data[0]
    if (update !== undefined) {
      facts.update = update
      const kb = /KB ?(\d{5,8})/.exec(update)?.[1]
      if (kb !== undefined) facts.kb = `KB${kb}`
    }
    facts.exitCode = Number(code)
    this.#outcome = isSuccess(facts.exitCode) ? 'succeeded' : 'failed'
    if (this.#outcome === 'failed') facts.failureEvidence = lines
    facts.outcomeLines = lines
  }

  finish(): AttemptFacts[] {
    if (this.#facts === undefined) return []
    this.#facts.outcome = this.#outcome ?? 'incomplete'
    return [this.#facts]
  }
}
