import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ServerOutcome } from '../../src/events/event.js'
import { batchSize, tolerated } from '../../src/plan/amount.js'
import { budgetLeft } from '../../src/plan/budget.js'
import { makePlan } from '../../src/plan/make-plan.js'
import { anyFleet, anyPlaybook, playbook, server } from './fleet.js'

const ten = Array.from({ length: 10 }, (_, index) => server(`ex-mbx-${String(index).padStart(2, '0')}`))
const outcomes: ServerOutcome[] = ['changed', 'ok', 'skipped', 'blocked', 'failed', 'unreachable', 'unknown']

describe('budgets of a plan', () => {
  it('is a count as it stands, a percentage of the selected servers rounded down', () => {
    const of = (maxFail: { count: number } | { percent: number }) =>
      makePlan({ servers: ten, playbook: playbook({ maxFail }) }).budget.run
    expect(of({ count: 3 })).toBe(3)
    expect(of({ percent: 29 })).toBe(2)
    expect(of({ percent: 0 })).toBe(0)
    expect(of({ percent: 9 })).toBe(0)
  })

  it('is of each batch where the playbook says so, and of no batch where it does not', () => {
    const rollout = { canary: 1, serial: [{ count: 3 }, { count: 4 }] }
    expect(makePlan({ servers: ten, playbook: playbook(rollout) }).budget.batches).toEqual({})
    const plan = makePlan({ servers: ten, playbook: playbook({ ...rollout, maxFailPerBatch: { percent: 50 } }) })
    expect(plan.batches.map(({ servers }) => servers.length)).toEqual([1, 3, 4, 2])
    expect(plan.budget.batches).toEqual({ 1: 0, 2: 1, 3: 2, 4: 1 })
  })
})

describe('budgetLeft', () => {
  it.each([
    ['failed', 0],
    ['unreachable', 0],
    ['unknown', 0],
    ['blocked', 1],
    ['skipped', 1],
    ['ok', 1],
    ['changed', 1],
  ] as const)('after one server ended %s leaves %i of 1', (outcome, left) => {
    const plan = makePlan({
      servers: ten,
      playbook: playbook({ maxFail: { count: 1 }, maxFailPerBatch: { count: 1 }, canary: 0, serial: [{ count: 5 }] }),
    })
    const after = budgetLeft({ plan, ended: { 'ex-mbx-07': outcome } })
    expect(after.run).toBe(left)
    expect(after.batch(2)).toBe(left)
    expect(after.batch(1)).toBe(1)
    expect(after.batch(3)).toBeUndefined()
  })

  it('goes below zero when the budget is overspent', () => {
    const plan = makePlan({ servers: ten, playbook: playbook() })
    expect(budgetLeft({ plan, ended: { 'ex-mbx-00': 'failed' } }).run).toBe(-1)
    expect(budgetLeft({ plan, ended: { 'ex-mbx-00': 'failed' } }).batch(1)).toBeUndefined()
  })

  it('takes one off per failed, unreachable or unknown server, from the run and from its batch', () => {
    fc.assert(
      fc.property(
        anyFleet,
        anyPlaybook,
        fc.array(fc.constantFrom(...outcomes), { maxLength: 40 }),
        (servers, book, ends) => {
          const plan = makePlan({ servers, playbook: book })
          const ended = Object.fromEntries(
            plan.servers.slice(0, ends.length).map(({ name }, at) => [name, ends[at] ?? 'ok']),
          )
          const counts = (names: string[]) =>
            names.filter(name => ['failed', 'unreachable', 'unknown'].includes(ended[name] ?? '')).length
          const left = budgetLeft({ plan, ended })
          expect(left.run).toBe(plan.budget.run - counts(Object.keys(ended)))
          for (const batch of plan.batches) {
            const limit = plan.budget.batches[batch.index]
            expect(left.batch(batch.index)).toBe(limit === undefined ? undefined : limit - counts(batch.servers))
          }
        },
      ),
    )
  })
})

describe('amounts', () => {
  it('never makes a batch empty, nor bigger than its percentage rounded up', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 1000 }), (percent, whole) => {
        const size = batchSize({ percent }, whole)
        expect(size).toBeGreaterThanOrEqual(1)
        expect((size - 1) * 100).toBeLessThan(percent * whole)
        expect(size * 100).toBeGreaterThanOrEqual(percent * whole)
      }),
    )
  })

  it('never tolerates more than the percentage', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(1000), (percent, whole) => {
        const count = tolerated({ percent }, whole)
        expect(count * 100).toBeLessThanOrEqual(percent * whole)
        expect((count + 1) * 100).toBeGreaterThan(percent * whole)
      }),
    )
  })

  it.each([
    [1.1, 1000, 11],
    [33.3, 1000, 333],
    [0.7, 1000, 7],
  ])('takes %f %% of %i for the whole number it is', (percent, whole, count) => {
    expect(batchSize({ percent }, whole)).toBe(count)
    expect(tolerated({ percent }, whole)).toBe(count)
  })
})
