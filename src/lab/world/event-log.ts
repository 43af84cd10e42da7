import type { ChangeCounter } from './change-counter.js'
import type { LabClock } from './clock.js'

export interface EventEntry {
  log: 'Application' | 'System'
  source: string
  id: number
  level: 'Information' | 'Warning' | 'Error'
  at: Date
  text: string
}

/** A server's event logs. Logons are not kept: they are no change. */
export class EventLog {
  readonly #changes: ChangeCounter
  readonly #clock: LabClock
  readonly entries: EventEntry[] = []

  constructor(changes: ChangeCounter, clock: LabClock) {
    this.#changes = changes
    this.#clock = clock
  }

  write(entry: Omit<EventEntry, 'at'>): void {
    this.entries.push({ ...entry, at: this.#clock.now() })
    this.#changes.note()
  }

  since(time: Date): EventEntry[] {
    return this.entries.filter(entry => entry.at >= time)
  }
}
