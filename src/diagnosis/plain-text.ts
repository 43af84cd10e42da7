import { type AttemptFacts, newAttempt, note } from './attempt.js'
import type { LogModel } from './model.js'
import type { Hit } from './scanner.js'

/**
 * Text of no known log, such as the words of a message box that somebody copied out. It says nothing about how an installation went,
 * so there is an attempt only if it holds words that a rule knows.
 */
export class PlainText implements LogModel {
  readonly phrases: readonly string[] = []
  #facts: AttemptFacts | undefined

  see(hit: Hit): void {
    const record = hit.record()
    this.#facts ??= { ...newAttempt('unknown', record.line), excerpt: true }
    note(this.#facts, hit.phrases, record)
  }

  finish(): AttemptFacts[] {
    return this.#facts === undefined ? [] : [this.#facts]
  }
}
