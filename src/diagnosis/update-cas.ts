import { type AttemptFacts, addAttempt, newAttempt, note } from './attempt.js'
import type { LogModel } from './model.js'
import type { LogRecord } from './record.js'
import { evidenceOf } from './rule.js'
import type { Hit } from './scanner.js'

/** Last words of UpdateCas.ps1 when something went wrong; it then exits as if nothing had (exchange.md 0.5 and 6.2). */
const failures = [
  'Error updating OWA/ECP:',
  'Aborting.',
  'no OWA web.config is found',
  'FixUnversionedFolderAfterUpgrade failed:',
  'AuthorizationManager check failed',
]
const script = 'UpdateCas.ps1'
/** How the script announces itself. */
const banner = /\] +(?:\* UpdateCas\.ps1|UpdateCas\.ps1 started)/

/** UpdateCas.log: it only grows, so it holds every run of the script; an attempt is one run. Without banners the file is one. */
export class UpdateCasRuns implements LogModel {
  readonly phrases = [script, ...failures]
  readonly #runs: AttemptFacts[] = []

  see(hit: Hit): void {
    const record = hit.record()
    const words = hit.phrases.filter(word => word !== script)
    if (banner.test(hit.ownLine())) this.#begin(record)
    if (words.length === 0) return
    const facts = this.#runs.at(-1) ?? newAttempt('update-cas', record.line)
    if (this.#runs.length === 0) addAttempt(this.#runs, facts, undefined)
    note(facts, words, record)
    if (record.time !== undefined) facts.failedAt = record.time
    facts.firstFailure ??= { line: record.line, action: script, returnValue: 1 }
    if (facts.failureEvidence.length > 0) return
    facts.failureEvidence = evidenceOf(record)
    facts.context = hit.around(3, 2)
  }

  #begin({ line, time }: LogRecord): void {
    const run = { ...newAttempt('update-cas', line), ...(time === undefined ? {} : { failedAt: time }) }
    addAttempt(this.#runs, run, this.#runs.at(-1))
  }

  finish(lines: number): AttemptFacts[] {
    if (lines === 0) return []
    const runs = this.#runs.length > 0 ? this.#runs : [newAttempt('update-cas', 1)]
    return runs.map((facts, i) => ({
      ...facts,
      outcome: facts.firstFailure === undefined ? 'succeeded' : 'failed',
      followed: i < runs.length - 1,
    }))
  }
}
