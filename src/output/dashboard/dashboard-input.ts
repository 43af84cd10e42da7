import type { Readable, Writable } from 'node:stream'
import type { RunEvent } from '../../events/event.js'
import type { RunState } from '../../events/state.js'
import type { RunWishes } from '../../events/wish.js'
import type { DashboardEnd } from './closing.js'
import type { DashboardOptions } from './options.js'

export interface DashboardInput {
  /** The run's events in order from its first, in groups as they were read; `log.line` may be among them. Ends when nothing more will come. */
  events: AsyncIterable<readonly RunEvent[]>
  /** Null: view only. */
  control: RunWishes | null
  /** Asks for the `log.line` events of this server, or of none, among `events`; absent: pulled logs are all there is to read. */
  follow?: (server: string | null) => void
  stdin: Readable
  /** Drawn on. */
  stderr: Writable
  /** Takes the closing words, once the terminal is given back. */
  stdout: Writable
  options: DashboardOptions
  /** The run folder. */
  folder: string
  /** What finds the run again when it is typed behind `exroll watch`; its id where that is left out. */
  word?: string
  /** Epoch milliseconds; a replay has a clock of its own. */
  now?: () => number
}

export interface DashboardResult {
  end: DashboardEnd
  state: RunState
}
