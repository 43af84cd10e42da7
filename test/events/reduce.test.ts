import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeEvents, encodeEvent } from '../../src/events/codec.js'
import { type RunEvent, type RunEventBody, stepNames } from '../../src/events/event.js'
import { countOutcomes, emptyState, reduce, reduceAll } from '../../src/events/reduce.js'

const servers = ['a', 'b', 'c']

function sequence(bodies: RunEventBody[]): RunEvent[] {
  return bodies.map((body, index) => ({
    v: 1,
    run: 'r',
    seq: index + 1,
    at: new Date(index * 1000).toISOString(),
    ...body,
  }))
}

const started: RunEventBody = {
  type: 'run.started',
  action: 'apply',
  dryRun: false,
  servers: servers.map((name, index) => ({ name, roles: ['cas'], batch: index === 0 ? 1 : 2 })),
}

const server = fc.constantFrom(...servers)
const setting = fc.record({
  server,
  setting: fc.constantFrom('crl' as const, 'execution-policy' as const, 'start-type' as const),
  scope: fc.constantFrom('S-1-5-18', 'LocalMachine', 'W3SVC'),
  from: fc.oneof(fc.integer(), fc.string(), fc.constant(null)),
  to: fc.oneof(fc.integer(), fc.string(), fc.constant(null)),
})
const body: fc.Arbitrary<RunEventBody> = fc.oneof(
  fc.record({
    type: fc.constant('step.started' as const),
    server,
    step: fc.constantFrom(...stepNames),
    attempt: fc.nat(3),
  }),
  fc.record({
    type: fc.constant('step.progress' as const),
    server,
    step: fc.constantFrom(...stepNames),
    percent: fc.nat(100),
    note: fc.string(),
  }),
  fc.record({
    type: fc.constant('step.finished' as const),
    server,
    step: fc.constantFrom(...stepNames),
    outcome: fc.constantFrom(
      'ok' as const,
      'changed' as const,
      'failed' as const,
      'skipped' as const,
      'unknown' as const,
    ),
    ms: fc.nat(),
  }),
  setting.map(fields => ({ type: 'setting.changed' as const, ...fields })),
  setting.map(fields => ({ type: 'setting.restored' as const, ...fields })),
  setting.map(fields => ({ type: 'setting.stuck' as const, ...fields })),
  fc.record({
    type: fc.constant('server.finished' as const),
    server,
    outcome: fc.constantFrom('changed' as const, 'failed' as const),
  }),
)

describe('reduce', () => {
  it('gives the same state from the events as from their journal text', () => {
    fc.assert(
      fc.property(fc.array(body, { maxLength: 60 }), bodies => {
        const events = sequence([started, ...bodies])
        const replayed = decodeEvents(events.map(encodeEvent).join('')).events
        expect(replayed.reduce(reduce, emptyState())).toEqual(events.reduce(reduce, emptyState()))
      }),
    )
  })

  it('never changes the state it was given', () => {
    fc.assert(
      fc.property(fc.array(body, { maxLength: 20 }), body, (bodies, last) => {
        const state = sequence([started, ...bodies]).reduce(reduce, emptyState())
        const copy = structuredClone(state)
        reduce(state, { v: 1, run: 'r', seq: 99, at: '2026-01-01T00:00:00.000Z', ...last })
        expect(state).toEqual(copy)
      }),
    )
  })

  it('comes to the same state by groups as by single events', () => {
    fc.assert(
      fc.property(fc.array(body, { maxLength: 60 }), fc.nat(60), (bodies, cut) => {
        const events = sequence([started, ...bodies])
        const grouped = reduceAll(reduceAll(emptyState(), events.slice(0, cut)), events.slice(cut))
        expect(grouped).toEqual(events.reduce(reduce, emptyState()))
      }),
    )
  })

  it('keeps a changed setting outstanding until that very setting is put back', () => {
    const change = { server: 'a', setting: 'crl', scope: 'S-1-5-18', from: 146432, to: 146944 } as const
    const out = sequence([started, { type: 'setting.changed', ...change }]).reduce(reduce, emptyState())
    expect(Object.keys(out.servers.a?.outstanding ?? {})).toEqual(['crl/S-1-5-18'])
    const [, , back] = sequence([started, started, { ...change, type: 'setting.restored', from: 146944, to: 146432 }])
    if (back === undefined) throw new Error('three events were made')
    expect(reduce(out, back).servers.a?.outstanding).toEqual({})
    expect(reduce(out, { ...back, server: 'b' } as RunEvent).servers.a?.outstanding).not.toEqual({})
  })

  it('never lets progress go back', () => {
    const step = { server: 'a', step: 'install' as const }
    const state = sequence([
      started,
      { type: 'step.started', attempt: 1, ...step },
      { type: 'step.progress', percent: 60, note: 'x', ...step },
      { type: 'step.progress', percent: 20, note: 'y', ...step },
    ]).reduce(reduce, emptyState())
    expect(state.servers.a?.steps.install).toMatchObject({ percent: 60, note: 'y', state: 'running' })
  })

  it('counts outcomes of ended servers only', () => {
    const state = sequence([
      started,
      { type: 'server.finished', server: 'b', outcome: 'failed', cause: 'disk-full' },
    ]).reduce(reduce, emptyState())
    expect(countOutcomes(state)).toMatchObject({ failed: 1, changed: 0 })
    expect(state.servers.b?.cause).toBe('disk-full')
  })

  it('passes over a type that a newer exroll wrote', () => {
    const [first] = sequence([started])
    if (first === undefined) throw new Error('one event was made')
    const state = reduce(emptyState(), first)
    const next = reduce(state, { ...first, type: 'moon.phase' } as unknown as RunEvent)
    expect(next.servers).toEqual(state.servers)
  })
})

describe('decodeEvents', () => {
  it('drops the torn last line that a killed writer leaves, and says so', () => {
    const [event] = sequence([started])
    if (event === undefined) throw new Error('one event was made')
    const text = encodeEvent(event)
    expect(decodeEvents(text + text.slice(0, 20))).toEqual({ events: [event], torn: 1 })
  })

  it('refuses damage in the middle', () => {
    expect(() => decodeEvents('{"v":1\n{"v":1}\n')).toThrow(SyntaxError)
  })
})
