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
  /** Takes secrets out of text; every event passes through it before anybody sees it. */
  mask?: (text: string) => string
  /** The first number given out. */
  firstSeq?: number
}

/** One durable subscriber, any number of listeners. A listener that throws loses events, never the run. */
export function createEventBus({ run, now, durable, mask = text => text, firstSeq = 1 }: EventBusOptions): EventBus {
  const listeners = new Set<Listener>()
  let seq = firstSeq
  return {
    async emit(body) {
      const event = masked({ v: 1, run, seq: seq++, at: now(), ...body } as RunEvent, mask)
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

function masked(event: RunEvent, mask: (text: string) => string): RunEvent {
  const text = JSON.stringify(event)
  const clean = mask(text)
  return clean === text ? event : (JSON.parse(clean) as RunEvent)
}
