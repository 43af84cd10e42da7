import { type AttemptFacts, newAttempt, note } from './attempt.js'
import type { LogModel } from './model.js'
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

/** UpdateCas.log: one attempt for the file, since the script writes no banner that separates its runs. */
export class UpdateCasRuns implements LogModel {
  readonly phrases = failures
  #facts: AttemptFacts | undefined

  see(hit: Hit): void {
    const record = hit.record()
    this.#facts ??= newAttempt('update-cas', record.line)
    note(this.#facts, hit.phrases, record)
    this.#facts.firstFailure ??= { line: record.line, action: 'UpdateCas.ps1', returnValue: 1 }
    if (this.#facts.failureEvidence.length > 0) return
    this.#facts.failureEvidence = evidenceOf(record)
    this.#facts.context = hit.around(3, 2)
  }

  finish(lines: number): AttemptFacts[] {
    if (lines === 0) return []
    const facts = this.#facts ?? newAttempt('update-cas', 1)
    facts.outcome = this.#facts === undefined ? 'succeeded' : 'failed'
    return [facts]
  }
}
