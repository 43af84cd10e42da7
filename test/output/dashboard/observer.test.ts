import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RunEvent, type RunEventBody, stepNames } from '../../../src/events/event.js'
import { emptyState, reduceAll } from '../../../src/events/reduce.js'
import { logLinesKept } from '../../../src/output/dashboard/model.js'
import { createObserver, withoutOvertaken } from '../../../src/output/dashboard/observer.js'
import { fleetJournal } from './fleet-journal.js'

const server = fc.constantFrom('a', 'b')
const step = fc.constantFrom(...stepNames.slice(0, 3))
const body: fc.Arbitrary<RunEventBody> = fc.oneof(
  fc.record({ type: fc.constant('step.started' as const), server, step, attempt: fc.constant(1) }),
  fc.record(
    { type: fc.constant('step.progress' as const), server, step, note: fc.string(), percent: fc.nat(100) },
    { requiredKeys: ['type', 'server', 'step', 'note'] },
  ),
  fc.record({
    type: fc.constant('step.finished' as const),
    server,
    step,
    outcome: fc.constant('ok' as const),
    ms: fc.nat(),
  }),
  fc.record({
    type: fc.constant('log.line' as const),
    server,
    log: fc.constant('x.log'),
    line: fc.nat(),
    text: fc.string(),
  }),
)
const started: RunEventBody = {
  type: 'run.started',
  action: 'apply',
  dryRun: false,
  servers: ['a', 'b'].map(name => ({ name, roles: ['cas'], batch: 1 })),
}

function numbered(bodies: readonly RunEventBody[]): RunEvent[] {
  return bodies.map((one, index) => ({ v: 1, run: 'r', seq: index, at: new Date(index).toISOString(), ...one }))
}

describe('withoutOvertaken', () => {
  it('leaves the run in the same state as all the events would', () => {
    fc.assert(
      fc.property(fc.array(body, { maxLength: 80 }), bodies => {
        const events = numbered([started, ...bodies])
        expect(reduceAll(emptyState(), withoutOvertaken(events))).toEqual(reduceAll(emptyState(), events))
      }),
    )
  })

  it('keeps one of a burst of progress', () => {
    const burst = Array.from({ length: 100 }, (_, percent) => ({
      type: 'step.progress' as const,
      server: 'a',
      step: 'install' as const,
      percent,
      note: 'x',
    }))
    expect(withoutOvertaken(numbered(burst))).toHaveLength(1)
  })
})

describe('an observer', () => {
  it('keeps the end of a log, and only so much of it', () => {
    const observer = createObserver()
    const lines = Array.from({ length: 5000 }, (_, line) => ({
      type: 'log.line' as const,
      server: 'a',
      log: 'x.log',
      line,
      text: `${line}`,
    }))
    observer.take(numbered([started, ...lines]))
    const kept = observer.model().logs.get('a') ?? []
    expect(kept.at(-1)?.line).toBe(4999)
    expect(kept.length).toBeGreaterThanOrEqual(logLinesKept)
    expect(kept.length).toBeLessThan(2 * logLinesKept)
  })

  it('lets progress take the place of progress, and of nothing else', () => {
    const observer = createObserver()
    const progress = (server: string): RunEventBody => ({
      type: 'step.progress',
      server,
      step: 'install',
      note: 'copying',
    })
    const change: RunEventBody = { type: 'server.finished', server: 'a', outcome: 'changed' }
    observer.take(numbered([started, progress('a'), change, progress('b'), progress('a'), progress('b')]))
    expect(observer.model().activity.map(({ server, passing }) => [server, passing])).toEqual([
      ['a', false],
      ['b', true],
    ])
  })

  it('knows a run that goes on after its end as a running one', () => {
    const observer = createObserver()
    const journal = fleetJournal({ servers: 1 })
    observer.take(journal)
    expect(observer.model().mode.kind).toBe('finished')
    observer.take(numbered([{ type: 'step.started', server: 'ex-mbx-01a', step: 'connect', attempt: 2 }]))
    expect(observer.model().mode.kind).toBe('running')
  })
})
