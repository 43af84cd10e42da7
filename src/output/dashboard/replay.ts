import type { RunEvent } from '../../events/event.js'

export interface ReplayOptions {
  /** How many times faster than the run was: 1 is its own pace. */
  speed: number
  /** Epoch milliseconds; default: the machine's clock. */
  now?: () => number
  /** Default: a timer. */
  wait?: (ms: number) => Promise<void>
}

export interface Replay {
  events: AsyncIterable<readonly RunEvent[]>
  /** The clock of the run that is replayed: epoch milliseconds at its time. */
  now(): number
}

/** Events nearer to each other than this, in the replay's own time, come in one group. */
const groupMs = 50
/** Nobody watches a night's soak pass: a longer silence is cut to this, in the replay's own time. */
const longestSilenceMs = 3000

/** The events of a journal at the pace they were written in, `speed` times faster. */
export function replay(events: readonly RunEvent[], { speed, now = Date.now, wait = timer }: ReplayOptions): Replay {
  let runTime = Date.parse(events[0]?.at ?? new Date(now()).toISOString())
  let shownAt = now()
  let ended = false

  async function* paced(): AsyncGenerator<readonly RunEvent[]> {
    let group: RunEvent[] = []
    for (const event of events) {
      const at = Date.parse(event.at)
      const pause = Math.min((at - runTime) / speed, longestSilenceMs)
      if (pause >= groupMs) {
        if (group.length > 0) yield group
        group = []
        await wait(pause)
        runTime = at
        shownAt = now()
      }
      group.push(event)
    }
    ended = true
    runTime = Date.parse(events.at(-1)?.at ?? '') || runTime
    if (group.length > 0) yield group
  }

  return { events: paced(), now: () => (ended ? runTime : runTime + (now() - shownAt) * speed) }
}

/** Does not keep the process alive: who has left the replay does not wait for its end. */
function timer(ms: number): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, ms).unref()
  })
}
