import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type StepName, type StepOutcome, stepNames } from '../../src/events/event.js'
import { jobSteps, newProgress, nextMove, type ServerProgress } from '../../src/run/machine.js'

/** Walks a server through; `outcomes` says how each step ends, default `ok`. Returns the steps taken and the end. */
function walk(outcomes: Partial<Record<StepName, StepOutcome>>, start: Partial<ServerProgress> = {}) {
  const progress = { ...newProgress(), ...start }
  const taken: StepName[] = []
  for (let moves = 0; moves < 50; moves++) {
    const move = nextMove(progress)
    if ('end' in move) return { taken, end: move.end }
    taken.push(move.step)
    progress.ended[move.step] = outcomes[move.step] ?? 'ok'
  }
  throw new Error('the machine does not end')
}

describe('nextMove', () => {
  it('takes every step in order when all goes well, and ends changed', () => {
    expect(walk({})).toEqual({ taken: [...stepNames], end: 'changed' })
  })

  it('never starts the job after a failure before it', () => {
    for (const step of ['stage', 'snapshot', 'guard', 'maintenance-on'] as const) {
      const { taken, end } = walk({ [step]: 'failed' })
      expect(end).toBe('failed')
      for (const job of jobSteps) expect(taken).not.toContain(job)
      expect(taken.slice(-2)).toEqual(['collect', 'diagnose'])
    }
  })

  it('puts services back, collects and diagnoses after a failed install', () => {
    const { taken, end } = walk({ install: 'failed' })
    expect(end).toBe('failed')
    expect(taken.slice(taken.indexOf('install'))).toEqual(['install', 'services', 'collect', 'diagnose'])
  })

  it('leaves services alone when the end of the install is not known', () => {
    const { taken, end } = walk({ install: 'unknown' })
    expect(end).toBe('unknown')
    expect(taken).not.toContain('services')
    expect(taken.slice(-2)).toEqual(['collect', 'diagnose'])
  })

  it('goes on when a setting could not be put back: that has its own event and exit code', () => {
    expect(walk({ 'settings-restore': 'failed' }).end).toBe('changed')
  })

  it('ends at once for what precheck or the connection decided', () => {
    expect(walk({}, { unreachable: true })).toEqual({ taken: [], end: 'unreachable' })
    expect(walk({}, { blocked: true })).toEqual({ taken: [], end: 'blocked' })
    expect(walk({}, { current: true })).toEqual({ taken: [], end: 'ok' })
  })

  it('stops a server that was not started, and finishes one whose job was', () => {
    expect(
      nextMove({ ...newProgress(), stopping: true, ended: { connect: 'ok', facts: 'ok', precheck: 'ok' } }),
    ).toEqual({
      end: 'skipped',
    })
    const ended = Object.fromEntries(stepNames.slice(0, 9).map(step => [step, 'ok' as const]))
    expect(nextMove({ ...newProgress(), stopping: true, ended })).toEqual({ step: 'settings-restore' })
  })

  it('always comes to an end, and to failed or unknown only when a step did', () => {
    const outcome = fc.constantFrom<StepOutcome>('ok', 'changed', 'skipped', 'failed', 'unknown')
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...stepNames), outcome), outcomes => {
        const { taken, end } = walk(outcomes)
        const bad = taken.some(step => ['failed', 'unknown'].includes(outcomes[step] ?? 'ok'))
        if (end === 'failed' || end === 'unknown') expect(bad).toBe(true)
        expect(new Set(taken).size).toBe(taken.length)
      }),
    )
  })
})
