import type { RunEvent, RunEventBody } from './event.js'

/** Takes each event before the act that it announces; the run waits for it. */
export type DurableSubscriber = (event: RunEvent) => Promise<void>
export type Listener = (event: RunEvent) => void

export interface EventBus {
  /** Resolves once the durable subscriber has the event on disk. Events keep the order of the calls. */
  emit(body: RunEventBody): Promise<void>
  listen(listener: Listener): void
}

export interface EventBusOptions {
  run: string
  /** ISO 8601 UTC with milliseconds. */
  now: () => string
  durable: DurableSubscriber
  /** The first number given out. */
  firstSeq?: number
}

/** One durable subscriber, any number of listeners. A listener that throws loses events, never the run. */
export function createEventBus({ run, now, durable, firstSeq = 1 }: EventBusOptions): EventBus {
  const listeners = new Set<Listener>()
  let seq = firstSeq
  return {
    async emit(body) {
      const event = { v: 1, run, seq: seq++, at: now(), ...body } as RunEvent
      const durably = durable(event)
      for (const listener of listeners) {
        try {
          listener(event)
        } catch {
          listeners.delete(listener)
        }
      }
      await durably
    },
    listen(listener) {
      listeners.add(listener)
    },
  }
}
