import { describe, expect, it } from 'vitest'
import type { ServerOutcome } from '../../src/events/event.js'
import { verdict } from '../../src/run/verdict.js'

const of = (...outcomes: ServerOutcome[]) =>
  Object.fromEntries(outcomes.map((outcome, index) => [`s${index}`, outcome]))

describe('verdict', () => {
  it.each([
    [of('changed', 'ok'), 0],
    [of('changed', 'failed'), 2],
    [of('changed', 'blocked'), 2],
    [of('changed', 'unknown'), 2],
    [of('changed', 'unreachable'), 2],
    [of('changed', 'skipped'), 2],
    [of('unreachable', 'unreachable'), 4],
    [of('unreachable', 'skipped'), 4],
  ])('%j exits %i', (outcomes, exitCode) => {
    expect(verdict({ outcomes, stuck: 0, stopped: false }).exitCode).toBe(exitCode)
  })

  it('lets a stuck setting win over everything', () => {
    expect(verdict({ outcomes: of('unreachable'), stuck: 1, stopped: true })).toEqual({ outcome: 'stuck', exitCode: 6 })
  })

  it('says stopped before failed', () => {
    expect(verdict({ outcomes: of('failed', 'skipped'), stuck: 0, stopped: true })).toEqual({
      outcome: 'stopped',
      exitCode: 5,
    })
  })
})
