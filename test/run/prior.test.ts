import { describe, expect, it } from 'vitest'
import type { RunEvent, RunEventBody, ServerOutcome } from '../../src/events/event.js'
import { attemptId, isOwnAttempt, priorOf } from '../../src/run/prior.js'

function events(...bodies: RunEventBody[]): RunEvent[] {
  const started: RunEventBody = {
    type: 'run.started',
    action: 'apply',
    dryRun: false,
    servers: [{ name: 'a', roles: ['cas'], batch: 1 }],
  }
  return [started, ...bodies].map((body, index) => ({ v: 1, run: 'r', seq: index + 1, at: '', ...body }))
}

const step = (name: 'connect' | 'settings-on' | 'install'): RunEventBody => ({
  type: 'step.started',
  server: 'a',
  step: name,
  attempt: 1,
})
const finished = (outcome: ServerOutcome): RunEventBody => ({ type: 'server.finished', server: 'a', outcome })
const job = [step('connect'), step('settings-on'), step('install')]

describe('priorOf', () => {
  it('is done with patched and current servers', () => {
    expect(priorOf(events(...job, finished('changed')), { retryFailed: true })).toEqual({
      outcomes: { a: 'changed' },
      attempts: { a: { attempt: 1, jobStarted: true } },
    })
    expect(priorOf(events(step('connect'), finished('ok')), { retryFailed: false }).outcomes).toEqual({ a: 'ok' })
  })

  it('goes on with a server whose end is missing, and knows whether its job may run', () => {
    expect(priorOf(events(), { retryFailed: false }).attempts).toEqual({ a: { attempt: 1, jobStarted: false } })
    expect(priorOf(events(step('connect')), { retryFailed: false }).attempts.a?.jobStarted).toBe(false)
    expect(priorOf(events(...job), { retryFailed: false }).attempts).toEqual({ a: { attempt: 1, jobStarted: true } })
  })

  it('looks again at unknown and skipped servers without a new attempt', () => {
    expect(priorOf(events(...job, finished('unknown')), { retryFailed: false }).attempts).toEqual({
      a: { attempt: 1, jobStarted: true },
    })
    expect(priorOf(events(finished('skipped')), { retryFailed: false }).attempts.a).toEqual({
      attempt: 1,
      jobStarted: false,
    })
  })

  it('leaves failed, blocked and unreachable alone unless asked', () => {
    for (const outcome of ['failed', 'blocked', 'unreachable'] as const) {
      expect(priorOf(events(step('connect'), finished(outcome)), { retryFailed: false }).outcomes).toEqual({
        a: outcome,
      })
      expect(priorOf(events(step('connect'), finished(outcome)), { retryFailed: true }).attempts.a?.attempt).toBe(1)
    }
  })

  it('counts a new attempt only after a failed job, once, however often the run is resumed', () => {
    const failed = [...job, finished('failed')]
    expect(priorOf(events(...failed), { retryFailed: true }).attempts.a).toEqual({ attempt: 2, jobStarted: false })
    expect(priorOf(events(...failed, ...job), { retryFailed: false }).attempts.a).toEqual({
      attempt: 2,
      jobStarted: true,
    })
    expect(priorOf(events(...failed, ...failed), { retryFailed: true }).attempts.a).toEqual({
      attempt: 3,
      jobStarted: false,
    })
  })
})

describe('fromStep behind the install', () => {
  const failed = events(...job, finished('failed'))
  it('keeps the install that was: no new attempt', () => {
    const prior = priorOf(failed, { retryFailed: true, fromStep: 'services' })
    expect(prior.attempts.a).toEqual({ attempt: 1, jobStarted: true })
  })
  it('before it changes nothing', () => {
    expect(priorOf(failed, { retryFailed: true, fromStep: 'install' }).attempts.a?.attempt).toBe(2)
  })
})

describe('attempt ids', () => {
  it('are the run’s own id first, and known as the same run later', () => {
    expect(attemptId('20261124-210000-3f9a', 1)).toBe('20261124-210000-3f9a')
    expect(attemptId('20261124-210000-3f9a', 2)).toBe('20261124-210000-3f9a.2')
    expect(isOwnAttempt('20261124-210000-3f9a', '20261124-210000-3f9a.2')).toBe(true)
    expect(isOwnAttempt('20261124-210000-3f9a.2', '20261124-210000-3f9a.3')).toBe(true)
    expect(isOwnAttempt('20261124-210000-3f9b', '20261124-210000-3f9a')).toBe(false)
  })
})
