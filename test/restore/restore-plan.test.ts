import { describe, expect, it } from 'vitest'
import { isAsBefore, isBusy, ownRecordFirst, restorePlan } from '../../src/restore/restore-plan.js'
import { planLines } from '../../src/restore/restore-report.js'
import type { LeftoverRun, ServerLeftover } from '../../src/scripts/catalog.js'
import { healthyFact } from '../run/fixture.js'
import { inventoryServer } from '../transport/inventory-server.js'

const server = inventoryServer(22, { name: 'lab', username: 'exadmin', agent: true }, {})
const settled: LeftoverRun = { run: 'a', armed: false, busy: '', outstanding: [], down: [], tasks: [], bytes: 10 }
const crl = { setting: 'crl', scope: 'S-1-5-18', from: 0x23e00, to: 0x23c00 } as const
const w3svc = { name: 'W3SVC', displayName: '', startType: 'Disabled', state: 'Stopped', dependsOn: [] } as const
const asked = { fromDefaults: true, named: [] }

function survey(leftover: Partial<ServerLeftover>) {
  const fact = healthyFact({ services: [{ ...w3svc, dependsOn: [] }] })
  return { server, fact, leftover: { runs: [], packages: [], leftoverState: [], ...leftover } }
}

describe('restorePlan', () => {
  it('is empty where every run is settled', () => {
    const plan = restorePlan(survey({ runs: [settled] }), { fromDefaults: false, named: [] })
    expect(isAsBefore(plan)).toBe(true)
  })

  it.each([
    ['an armed guard', { armed: true }],
    ['a changed setting', { outstanding: [crl] }],
    ['a service that is down', { down: ['MSExchangeIS'] }],
  ])('takes a run with %s', (_, change) => {
    const open = { ...settled, run: 'b', ...change }
    const plan = restorePlan(survey({ runs: [settled, open] }), { fromDefaults: false, named: [] })
    expect(plan.runs).toEqual([open])
    expect(isAsBefore(plan)).toBe(false)
  })

  it('asks the product only when asked to', () => {
    const broken = survey({ leftoverState: ['C:\\ExchangeSetupLogs\\ServiceState.xml'] })
    const unasked = restorePlan(broken, { fromDefaults: false, named: [] })
    expect(isAsBefore(unasked)).toBe(true)
    expect(planLines(unasked).join()).toMatch(/no run of exroll left anything; 1 service is .*--from-defaults/)
    expect(restorePlan(survey({}), { fromDefaults: false, named: [] }).offered).toBe(0)
    const plan = restorePlan(broken, asked)
    expect(plan.defaults.changes).toEqual([expect.objectContaining({ scope: 'W3SVC', to: 'Automatic' })])
    expect(plan.leftoverState).toEqual(broken.leftover.leftoverState)
  })

  it("puts a run's own record back before any default", () => {
    const open = { ...settled, armed: true }
    const broken = survey({ runs: [open], leftoverState: ['C:\\ExchangeSetupLogs\\ServiceState.xml'] })
    const plan = restorePlan(broken, asked)
    expect(plan.defaults).toEqual({ changes: [], leftAlone: [{ name: 'W3SVC', why: ownRecordFirst }] })
    expect(plan.leftoverState).toEqual([])
  })

  it('is busy where nothing can be done now, and only there', () => {
    const busy = { ...settled, armed: true, busy: 'its job still runs' }
    const plan = (runs: LeftoverRun[]) => restorePlan(survey({ runs }), { fromDefaults: false, named: [] })
    expect(isBusy(plan([busy]))).toBe(true)
    expect(isBusy(plan([busy, { ...settled, run: 'b', down: ['MSExchangeIS'] }]))).toBe(false)
  })
})

describe('the words of a plan', () => {
  it('name services that are left alone for one reason in one line', () => {
    const leftAlone = ['W3SVC', 'IISADMIN', 'pla'].map(name => ({ name, why: name === 'pla' ? 'two' : 'one' }))
    const plan = { server, runs: [], defaults: { changes: [], leftAlone }, offered: 0, leftoverState: [] }
    expect(planLines(plan).slice(1)).toEqual([
      '  left alone: W3SVC, IISADMIN are Disabled (one)',
      '  left alone: pla is Disabled (two)',
    ])
  })
})
