import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../src/events/event.js'
import { replay } from '../../../src/output/dashboard/replay.js'
import { fleetJournal } from './fleet-journal.js'

const journal = fleetJournal({ servers: 8 })

/** A clock that jumps by what is waited for. */
function openClock() {
  let time = 5_000_000
  const waits: number[] = []
  return {
    waits,
    now: () => time,
    wait: async (ms: number) => {
      waits.push(ms)
      time += ms
    },
  }
}

async function all(groups: AsyncIterable<readonly RunEvent[]>): Promise<RunEvent[][]> {
  const got: RunEvent[][] = []
  for await (const group of groups) got.push([...group])
  return got
}

describe('replay', () => {
  it('gives every event once and in order', async () => {
    const { events } = replay(journal, { speed: 100, ...openClock() })
    expect((await all(events)).flat()).toEqual(journal)
  })

  it('takes the time the run took, so many times less, but for silences nobody watches', async () => {
    const clock = openClock()
    await all(replay(journal, { speed: 1000, ...clock }).events)
    const took = clock.waits.reduce((sum, ms) => sum + ms, 0)
    const run = Date.parse(journal.at(-1)?.at ?? '') - Date.parse(journal[0]?.at ?? '')
    expect(took).toBeLessThanOrEqual(run / 1000)
    expect(took).toBeGreaterThan(run / 1000 / 2)
    expect(Math.max(...clock.waits)).toBeLessThanOrEqual(3000)
  })

  it('has a clock that is the run’s own, and stops with it', async () => {
    const clock = openClock()
    const { events, now } = replay(journal, { speed: 50, ...clock })
    let last = Number.NEGATIVE_INFINITY
    for await (const group of events) {
      expect(now()).toBeGreaterThanOrEqual(Date.parse(group[0]?.at ?? ''))
      expect(now()).toBeGreaterThanOrEqual(last)
      last = now()
    }
    expect(now()).toBe(Date.parse(journal.at(-1)?.at ?? ''))
  })

  it('of nothing ends at once', async () => {
    expect(await all(replay([], { speed: 1, ...openClock() }).events)).toEqual([])
  })
})
