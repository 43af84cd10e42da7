import { describe, expect, it } from 'vitest'
import { serversOf } from '../../../src/output/dashboard/fleet.js'
import {
  durationText,
  elapsedOf,
  fleetProgress,
  remainingOf,
  stepProgress,
  typicalInstallMs,
} from '../../../src/output/dashboard/pace.js'
import { fleetJournal, upTo } from './fleet-journal.js'
import { modelOf, recordedJournal } from './frame-at.js'

const journal = fleetJournal({ servers: 20 })

function at(part: number) {
  const events = upTo(journal, part)
  const { run } = modelOf(events)
  return { run, servers: serversOf(run), now: Date.parse(events.at(-1)?.at ?? '') }
}

describe('the progress of a fleet', () => {
  it('only grows, from nothing to all', () => {
    const parts = Array.from({ length: 40 }, (_, index) => at(index / 39)).map(({ servers, now }) =>
      fleetProgress(servers, now),
    )
    expect(parts[0]).toBe(0)
    expect(parts.at(-1)).toBe(1)
    expect(parts).toEqual(parts.toSorted((one, other) => one - other))
  })

  it('is nothing for a fleet of none', () => {
    expect(fleetProgress([], 0)).toBe(0)
  })
})

describe('the time that remains', () => {
  it('is not guessed before a server has ended', () => {
    const { run, servers, now } = at(0.05)
    expect(remainingOf(run, servers, now)).toBeNull()
  })

  it('comes near what it takes, from the middle of an even run', () => {
    const { run, servers, now } = at(0.5)
    const left = Date.parse(journal.at(-1)?.at ?? '') - now
    expect((remainingOf(run, servers, now) ?? 0) / left).toBeGreaterThan(0.7)
    expect((remainingOf(run, servers, now) ?? 0) / left).toBeLessThan(1.4)
  })

  it('is none when the run has ended', () => {
    const { run, servers, now } = at(1)
    expect(remainingOf(run, servers, now)).toBeNull()
  })
})

describe('an install that tells no percentage', () => {
  const running = {
    state: 'running' as const,
    attempt: 1,
    startedAt: '2026-11-23T21:00:00.000Z',
    ms: null,
    percent: null,
    note: null,
    error: null,
  }
  const begin = Date.parse(running.startedAt)

  it('is measured by its peers, and never said to be done', () => {
    expect(stepProgress(running, { now: begin + 30_000, typicalMs: 60_000 })).toEqual({ percent: 50, estimated: true })
    expect(stepProgress(running, { now: begin + 900_000, typicalMs: 60_000 })).toEqual({ percent: 95, estimated: true })
  })

  it('says nothing before a peer is through', () => {
    expect(stepProgress(running, { now: begin, typicalMs: null })).toBeNull()
  })

  it('finds its peers in a recorded run', () => {
    const journal = recordedJournal()
    expect(typicalInstallMs(serversOf(modelOf(journal.slice(0, 2)).run))).toBeNull()
    expect(typicalInstallMs(serversOf(modelOf(journal).run))).toBeGreaterThan(0)
  })

  it('is believed where it tells one', () => {
    expect(stepProgress({ ...running, percent: 12 }, { now: begin, typicalMs: 1 })).toEqual({
      percent: 12,
      estimated: false,
    })
  })
})

describe('the time a server took', () => {
  it('ticks with the clock while it runs, and stands still once it has ended', () => {
    const { servers, now } = at(0.3)
    const active = servers.find(({ outcome, current }) => outcome === null && current !== null)
    const ended = servers.find(({ outcome }) => outcome !== null)
    if (active === undefined || ended === undefined) throw new Error('there is one of each')
    expect((elapsedOf(active, now + 5000) ?? 0) - (elapsedOf(active, now) ?? 0)).toBe(5000)
    expect(elapsedOf(ended, now + 5000)).toBe(elapsedOf(ended, now))
  })
})

describe('durationText', () => {
  it.each([
    [0, '0:00'],
    [41_999, '0:41'],
    [760_000, '12:40'],
    [4_360_000, '1:12:40'],
  ])('%i ms is %s', (ms, text) => {
    expect(durationText(ms)).toBe(text)
  })
})
