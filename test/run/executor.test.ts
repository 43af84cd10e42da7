import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { createEventBus } from '../../src/events/bus.js'
import type { RunEvent, ServerOutcome } from '../../src/events/event.js'
import { runEventSchema } from '../../src/events/schema.js'
import type { InventoryServer } from '../../src/inventory/model.js'
import { makePlan } from '../../src/plan/make-plan.js'
import type { Plan } from '../../src/plan/model.js'
import type { Playbook } from '../../src/playbook/model.js'
import { createRunControl } from '../../src/run/control.js'
import { executeRun } from '../../src/run/executor.js'
import { needed } from '../../src/run/needed.js'
import { priorOf } from '../../src/run/prior.js'
import { anyFleet, anyPlaybook, playbook, server } from '../plan/fleet.js'
import { rollup4 } from './fixture.js'
import { type Script, type ScriptedEnd, scriptedTransport } from './scripted-server.js'

const folder = mkdtempSync(join(tmpdir(), 'exroll-executor-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Ran {
  plan: Plan
  events: RunEvent[]
  exitCode: number
  outcomes: Record<string, ServerOutcome>
}

type Scripts = Record<string, Omit<Script, 'name'>>

async function carryOut(
  servers: InventoryServer[],
  book: Playbook,
  scripts: Scripts,
  { earlier = [], retry = false }: { earlier?: readonly RunEvent[]; retry?: boolean } = {},
): Promise<Ran> {
  const plan = makePlan({ servers, playbook: book })
  const events: RunEvent[] = []
  const outcomes: Record<string, ServerOutcome> = {}
  const bus = createEventBus({ run: 'r', now: () => '2008-10-14T22:00:00.000Z', durable: async () => undefined })
  const control = createRunControl()
  const retried = new Set<string>()
  bus.listen(event => {
    events.push(event)
    if (event.type !== 'server.finished') return
    outcomes[event.server] = event.outcome
    if (!retry || event.outcome !== 'failed' || retried.has(event.server)) return
    retried.add(event.server)
    setImmediate(() => control.ask({ action: 'retry', server: event.server }, 'operator'))
  })
  const exitCode = await executeRun({
    ...{ run: 'r', plan, servers, playbook: book, bus, folder, tool: 'test' },
    package: { info: rollup4, file: '' },
    transportFor: ({ name }) => scriptedTransport({ name, ...needed(scripts[name], name) }),
    control,
    ...(earlier.length > 0 && { resume: { prior: priorOf(earlier, { retryFailed: false }), events: earlier } }),
  })
  return { plan, events, exitCode, outcomes }
}

const ends: ScriptedEnd[] = ['ok', 'ok', 'ok', 'blocked', 'failed', 'unreachable', 'unknown']

const anyRun = fc
  .tuple(anyFleet, anyPlaybook, fc.array(fc.tuple(fc.constantFrom(...ends), fc.nat(3), fc.nat(5)), { minLength: 40 }))
  .map(([servers, book, scripts]) => {
    const active = new Set<string>()
    const script = Object.fromEntries(
      servers.map(({ name, cluster }, at): [string, Omit<Script, 'name'>] => {
        const [end, turns, chance] = needed(scripts[at], name)
        if (cluster === undefined) return [name, { end, turns }]
        // At most one node of a cluster hosts the clustered mailbox server.
        const key = `${cluster.type} ${cluster.name}`
        const isActive = chance < 3 && !active.has(key)
        if (isActive) active.add(key)
        return [name, { end, turns, active: isActive }]
      }),
    )
    // Few at once, so that servers of a batch still wait when the first ones have ended.
    const rollout = { ...book.rollout, throttle: 1 + (book.rollout.throttle % 4) }
    return { servers, book: { ...book, rollout }, scripts: script }
  })

type Law = (ran: Ran, its: { servers: InventoryServer[]; book: Playbook; scripts: Scripts }) => void

const always = (law: Law, options: { retry?: boolean } = {}) =>
  fc.assert(
    fc.asyncProperty(anyRun, async ({ servers, book, scripts }) =>
      law(await carryOut(servers, book, scripts, options), { servers, book, scripts }),
    ),
    { numRuns: 60 },
  )

/** Calls `visit` with who was in progress before each event; a server is from its first step to its end. */
function watch(events: RunEvent[], visit: (event: RunEvent, busy: ReadonlySet<string>) => void): void {
  const busy = new Set<string>()
  for (const event of events) {
    visit(event, busy)
    if (event.type === 'step.started') busy.add(event.server)
    if (event.type === 'server.finished') busy.delete(event.server)
  }
}

const isStart = (event: RunEvent) => event.type === 'step.started' && event.step === 'connect'
const failures = ['failed', 'unreachable', 'unknown']

describe('every run', () => {
  it('ends each selected server exactly once, as it is, and says so in events that fit the schema', async () => {
    await always(({ events, outcomes }, { servers, scripts }) => {
      const finished = events.flatMap(event => (event.type === 'server.finished' ? [event.server] : []))
      expect(finished.toSorted()).toEqual(servers.map(({ name }) => name).toSorted())
      for (const [name, outcome] of Object.entries(outcomes)) {
        if (outcome !== 'skipped') expect([name, outcome]).toEqual([name, scripts[name]?.end])
      }
      for (const event of events) expect(runEventSchema.parse(event)).toEqual(event)
    })
  })

  it('finishes every server that it started', async () => {
    await always(({ events, outcomes }) => {
      for (const event of events) {
        if (event.type === 'step.started') expect(outcomes[event.server]).not.toBe('skipped')
      }
    })
  })

  it('has no more servers in progress than the throttle allows', async () => {
    await always(({ events }, { book }) => {
      watch(events, (_event, busy) => expect(busy.size).toBeLessThanOrEqual(book.rollout.throttle))
    })
  })

  it('never has two members of a cluster in progress, nor starts one while the end of another is unknown', async () => {
    await always(({ plan, events }) => {
      const ended: Record<string, ServerOutcome> = {}
      watch(events, (event, busy) => {
        if (event.type === 'server.finished') ended[event.server] = event.outcome
        for (const { members } of plan.clusters) {
          expect(members.filter(member => busy.has(member)).length).toBeLessThanOrEqual(1)
          if (!isStart(event) || event.type !== 'step.started' || !members.includes(event.server)) continue
          expect(members.filter(member => busy.has(member))).toEqual([])
          expect(members.filter(member => ended[member] === 'unknown')).toEqual([])
        }
      })
    })
  })

  it('has one member of a cluster in progress also while the operator has failed servers taken again', async () => {
    let again = 0
    const law: Law = ({ plan, events }) => {
      again += events.filter(event => event.type === 'control.taken' && event.action === 'retry').length
      watch(events, (_event, busy) => {
        for (const { members } of plan.clusters) {
          expect(members.filter(member => busy.has(member)).length).toBeLessThanOrEqual(1)
        }
      })
    }
    await always(law, { retry: true })
    expect(again).toBeGreaterThan(0)
  })

  it('starts the active node of a pair only when its partners have ended', async () => {
    await always(({ plan, events }, { scripts }) => {
      const pairs = plan.clusters.filter(({ order, members }) => order === 'passive-first' && members.length === 2)
      const ended = new Set<string>()
      for (const event of events) {
        if (event.type === 'server.finished') ended.add(event.server)
        if (!isStart(event) || event.type !== 'step.started') continue
        const pair = pairs.find(({ members }) => members.includes(event.server))
        // A node that cannot be reached cannot say that it is the active one.
        const { active, end } = needed(scripts[event.server], event.server)
        if (pair === undefined || active !== true || end === 'unreachable') continue
        expect(pair.members.filter(member => member !== event.server && !ended.has(member))).toEqual([])
      }
    })
  })

  it('goes from batch to batch in order, each server in its own or in its cluster partner’s', async () => {
    await always(({ plan, events }) => {
      let open: number | undefined
      let last = 0
      for (const event of events) {
        if (event.type === 'batch.started') {
          expect([open, event.batch]).toEqual([undefined, last + 1])
          open = event.batch
        }
        if (event.type === 'batch.finished') {
          expect(event.batch).toBe(open)
          last = event.batch
          open = undefined
        }
        if (!isStart(event) || event.type !== 'step.started') continue
        const { members } = plan.clusters.find(each => each.members.includes(event.server)) ?? {
          members: [event.server],
        }
        const slots = plan.servers.filter(({ name }) => members.includes(name)).map(({ batch }) => batch)
        expect(slots).toContain(open)
      }
    })
  })

  it('starts nothing that its budgets forbid, and everything that they do not', async () => {
    await always(({ plan, events, outcomes, exitCode }) => {
      const ended: Record<string, ServerOutcome> = {}
      let [batch, spentIn] = [0, 0]
      let spent = false
      const failedIn = new Map<number, number>()
      for (const event of events) {
        if (event.type === 'batch.started') batch = event.batch
        if (event.type === 'server.finished' && event.outcome !== 'skipped') {
          ended[event.server] = event.outcome
          if (failures.includes(event.outcome)) failedIn.set(batch, (failedIn.get(batch) ?? 0) + 1)
          const all = Object.values(ended).filter(outcome => failures.includes(outcome)).length
          const ofBatch = plan.budget.batches[batch]
          const over = all > plan.budget.run || (ofBatch !== undefined && (failedIn.get(batch) ?? 0) > ofBatch)
          if (over && !spent) [spent, spentIn] = [true, batch]
        }
        if (!isStart(event) || !spent || plan.onFailure === 'continue') continue
        expect(plan.onFailure).toBe('finish-batch')
        expect(batch).toBe(spentIn)
      }
      const forbidden = spent && plan.onFailure !== 'continue'
      const skipped = events.filter(event => event.type === 'server.finished' && event.outcome === 'skipped')
      for (const event of skipped) {
        if (event.type !== 'server.finished' || event.cause === 'cluster-partner') continue
        expect([event.cause, forbidden]).toEqual(['budget', true])
      }
      const well = Object.values(outcomes).every(outcome => outcome === 'ok' || outcome === 'changed')
      expect(exitCode === 0).toBe(well)
    })
  })
})

describe('a budget that is overspent', () => {
  it.each([
    ['finish-batch', ['failed', 'ok', 'skipped', 'skipped'], 2],
    ['stop-starting', ['failed', 'skipped', 'skipped', 'skipped'], 2],
    ['continue', ['failed', 'ok', 'ok', 'ok'], 2],
  ] as const)('with %s leads to %j', async (onFailure, expected, code) => {
    const names = ['a', 'b', 'c', 'd']
    const book = playbook({ canary: 0, serial: [{ count: 2 }], throttle: 1, maxFail: { count: 0 }, onFailure })
    const scripts = Object.fromEntries(
      names.map((name): [string, Omit<Script, 'name'>] => [name, { end: name === 'a' ? 'failed' : 'ok', turns: 1 }]),
    )
    const { outcomes, exitCode } = await carryOut(
      names.map(name => server(name)),
      book,
      scripts,
    )
    expect(names.map(name => outcomes[name])).toEqual(expected)
    expect(exitCode).toBe(code)
  })
})

describe('a run that is gone on with', () => {
  const names = ['a', 'b', 'c', 'd']
  const servers = names.map(name => server(name))
  const scriptsWith = (first: ScriptedEnd): Scripts =>
    Object.fromEntries(names.map(name => [name, { end: name === 'a' ? first : 'ok', turns: 1 }]))

  it('starts no batch for which its budget was spent before', async () => {
    const book = playbook({ canary: 0, serial: [{ count: 2 }], throttle: 1 })
    const first = await carryOut(servers, book, scriptsWith('failed'))
    expect(names.map(name => first.outcomes[name])).toEqual(['failed', 'ok', 'skipped', 'skipped'])
    const again = await carryOut(servers, book, scriptsWith('ok'), { earlier: first.events })
    expect(again.outcomes).toEqual({ c: 'skipped', d: 'skipped' })
    expect(again.exitCode).toBe(2)
  })

  it('finishes the batch that it was interrupted in, whatever the budget says', async () => {
    const book = playbook({ canary: 0, serial: [{ count: 2 }], throttle: 1 })
    const first = await carryOut(servers, book, scriptsWith('failed'))
    const ended = first.events.findIndex(event => event.type === 'server.finished')
    const again = await carryOut(servers, book, scriptsWith('ok'), { earlier: first.events.slice(0, ended + 1) })
    expect(again.outcomes).toEqual({ b: 'ok', c: 'skipped', d: 'skipped' })
  })
})

describe('a pair whose nodes change slots', () => {
  it('counts a failure for the batch that the node went in', async () => {
    const pair = { type: 'ccr' as const, name: 'CMS1' }
    const servers = [server('a', { cluster: pair }), server('b', { cluster: pair }), server('c'), server('d')]
    const book = playbook({
      canary: 0,
      serial: [{ count: 1 }],
      maxFail: { count: 4 },
      maxFailPerBatch: { count: 0 },
    })
    const scripts: Scripts = {
      a: { end: 'ok', turns: 0, active: true },
      b: { end: 'failed', turns: 0, active: false },
      c: { end: 'ok', turns: 0 },
      d: { end: 'ok', turns: 0 },
    }
    const { outcomes, exitCode } = await carryOut(servers, book, scripts)
    expect(outcomes).toEqual({ a: 'skipped', b: 'failed', c: 'skipped', d: 'skipped' })
    expect(exitCode).toBe(2)
  })

  it('lets a node wait while its partner is taken again', async () => {
    const pair = { type: 'ccr' as const, name: 'CMS1' }
    const servers = [server('a', { cluster: pair }), server('b', { cluster: pair })]
    const book = playbook({ canary: 0, serial: [{ count: 2 }], throttle: 2, maxFail: { count: 2 } })
    const scripts: Scripts = {
      // The operator's wish for it comes while its partner is asked, and it is under way for longer than that.
      a: { end: 'failed', turns: 9, active: false },
      b: { end: 'ok', turns: 3, active: false },
    }
    const { events } = await carryOut(servers, book, scripts, { retry: true })
    const order = events.flatMap(event => {
      if (isStart(event) && event.type === 'step.started') return [`${event.server} starts`]
      return event.type === 'server.finished' ? [`${event.server} ${event.outcome}`] : []
    })
    expect(order).toEqual(['a starts', 'a failed', 'a starts', 'a failed', 'b starts', 'b ok'])
  })
})
