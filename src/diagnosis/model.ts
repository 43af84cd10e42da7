import type { AttemptFacts } from './attempt.js'
import type { ScanListener } from './scanner.js'

/** Reads one kind of log: takes the places found, in order, and makes attempts of them. */
export interface LogModel extends ScanListener {
  /** Words the model itself needs to see. */
  readonly phrases: readonly string[]
  /** `lines` = number of lines of the file. */
  finish(lines: number): AttemptFacts[]
}
