import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Role } from '../../src/inventory/model.js'
import { makePlan } from '../../src/plan/make-plan.js'
import type { Plan } from '../../src/plan/model.js'
import { anyFleet, anyPlaybook, playbook, server } from './fleet.js'

/** Batches as `canary? rank: names`, which is what a reader compares. */
function shape(plan: Plan): string[] {
  return plan.batches.map(({ rank, canary, servers }) => `${canary ? 'canary ' : ''}${rank}: ${servers.join(' ')}`)
}

/** product.md's own way round: a percentage is of the rank, rounded up, at least 1. Whole percentages only, so integers do. */
function sizeOf(amount: { count: number } | { percent: number }, rank: number): number {
  return 'count' in amount ? amount.count : Math.max(1, Math.floor((amount.percent * rank + 99) / 100))
}

describe('makePlan', () => {
  it('rolls over the lab fleet in the order of the article: edge, cas, hub, um, mailbox', () => {
    const pair = { type: 'ccr' as const, name: 'CMS1' }
    const servers = [
      server('ex-mbx-01'),
      server('ex-cas-01', { roles: ['cas'] }),
      server('ex-hub-01', { roles: ['hub'] }),
      server('ex-edge-01', { roles: ['edge'] }),
      server('ex-um-01', { roles: ['um'] }),
      server('ex-cas-02', { roles: ['cas'], internetFacing: true }),
      server('ex-mbx-02a', { cluster: pair }),
      server('ex-mbx-02b', { cluster: pair }),
    ]
    const plan = makePlan({ servers, playbook: playbook() })
    expect(shape(plan)).toEqual([
      'canary edge: ex-edge-01',
      'cas: ex-cas-02',
      'cas: ex-cas-01',
      'hub: ex-hub-01',
      'um: ex-um-01',
      'mailbox: ex-mbx-01',
      'mailbox: ex-mbx-02a ex-mbx-02b',
    ])
    expect(plan.clusters).toEqual([{ cluster: pair, members: ['ex-mbx-02a', 'ex-mbx-02b'], order: 'passive-first' }])
    expect(plan.servers.map(({ name, batch }) => `${batch} ${name}`)).toEqual([
      '1 ex-edge-01',
      '2 ex-cas-02',
      '3 ex-cas-01',
      '4 ex-hub-01',
      '5 ex-um-01',
      '6 ex-mbx-01',
      '7 ex-mbx-02a',
      '7 ex-mbx-02b',
    ])
    expect(plan).toMatchObject({ action: 'apply', throttle: 25, onFailure: 'finish-batch' })
  })

  it('starts serial anew after the canaries and in each rank, repeats its last entry, and takes percentages of the whole rank', () => {
    const fleet = (rank: Role, count: number) =>
      Array.from({ length: count }, (_, index) =>
        server(`${rank}-${String(index + 1).padStart(2, '0')}`, { roles: [rank] }),
      )
    const plan = makePlan({
      servers: [...fleet('hub', 3), ...fleet('cas', 21)],
      playbook: playbook({ canary: 2, serial: [{ count: 1 }, { count: 5 }, { percent: 25 }] }),
    })
    // 25 % of 21 is 6 (5.25 rounded up), of 3 is 1.
    expect(plan.batches.map(({ servers }) => servers.length)).toEqual([2, 1, 5, 6, 6, 1, 1, 2])
    expect(plan.batches.map(({ canary }) => canary)).toEqual([true, false, false, false, false, false, false, false])
  })

  it('takes the whole first rank as canaries when it is smaller than that, and none of the next', () => {
    const plan = makePlan({
      servers: [server('edge', { roles: ['edge'] }), server('mbx-1'), server('mbx-2')],
      playbook: playbook({ canary: 2, serial: [{ percent: 100 }] }),
    })
    expect(shape(plan)).toEqual(['canary edge: edge', 'mailbox: mbx-1 mbx-2'])
  })

  it('does without canaries when there are to be none', () => {
    const plan = makePlan({
      servers: [server('a'), server('b')],
      playbook: playbook({ canary: 0, serial: [{ percent: 100 }] }),
    })
    expect(shape(plan)).toEqual(['mailbox: a b'])
  })

  it('ranks a server by the first of the order that it has, and one that has none of them last', () => {
    const servers = [
      server('um', { roles: ['um'] }),
      server('all', { roles: ['mailbox', 'hub', 'cas'] }),
      server('mbx'),
      server('hub', { roles: ['hub'] }),
    ]
    const plan = makePlan({
      servers,
      playbook: playbook({ order: ['hub', 'mailbox'], canary: 0, serial: [{ percent: 100 }] }),
    })
    expect(shape(plan)).toEqual(['hub: all hub', 'mailbox: mbx', 'other: um'])
  })

  it('sorts names by characters without regard to case, not by number or locale', () => {
    const servers = ['ex-mbx-10', 'EX-MBX-02b', 'ex-mbx-02a', 'ex-mbx-9', 'ex-mbx-02'].map(name => server(name))
    const plan = makePlan({ servers, playbook: playbook() })
    expect(plan.servers.map(({ name }) => name)).toEqual([
      'ex-mbx-02',
      'ex-mbx-02a',
      'EX-MBX-02b',
      'ex-mbx-10',
      'ex-mbx-9',
    ])
  })

  it('puts internet-facing servers first among cas only', () => {
    const servers = [
      server('cas-a', { roles: ['cas'] }),
      server('cas-z', { roles: ['cas'], internetFacing: true }),
      server('hub-a', { roles: ['hub'] }),
      server('hub-z', { roles: ['hub'], internetFacing: true }),
    ]
    const plan = makePlan({ servers, playbook: playbook() })
    expect(plan.servers.map(({ name }) => name)).toEqual(['cas-z', 'cas-a', 'hub-a', 'hub-z'])
  })

  it('constrains each cluster that has a selected member, by its type', () => {
    const servers = [
      server('scc-a', { cluster: { type: 'scc', name: 'CMS2' } }),
      server('dag-b', { cluster: { type: 'dag', name: 'DAG1' } }),
      server('dag-a', { cluster: { type: 'dag', name: 'DAG1' } }),
      server('alone'),
    ]
    expect(makePlan({ servers, playbook: playbook() }).clusters).toEqual([
      { cluster: { type: 'dag', name: 'DAG1' }, members: ['dag-a', 'dag-b'], order: 'one-at-a-time' },
      { cluster: { type: 'scc', name: 'CMS2' }, members: ['scc-a'], order: 'passive-first' },
    ])
  })

  it('has no batches for no servers', () => {
    expect(makePlan({ servers: [], playbook: playbook() })).toMatchObject({ servers: [], batches: [], clusters: [] })
  })
})

describe('every plan', () => {
  const always = (law: (plan: Plan, input: Parameters<typeof makePlan>[0]) => void) =>
    fc.assert(
      fc.property(anyFleet, anyPlaybook, (servers, book) => {
        law(makePlan({ servers, playbook: book }), { servers, playbook: book })
      }),
      { numRuns: 300 },
    )

  it('has each selected server in exactly one batch, and says which', () => {
    always((plan, { servers }) => {
      const batched = plan.batches.flatMap(batch => batch.servers)
      expect(batched.toSorted()).toEqual(servers.map(({ name }) => name).toSorted())
      expect(plan.servers.map(({ name }) => name)).toEqual(batched)
      for (const { name, batch } of plan.servers) expect(plan.batches[batch - 1]?.servers).toContain(name)
      expect(plan.batches.map(({ index }) => index)).toEqual(plan.batches.map((_, at) => at + 1))
    })
  })

  it('keeps the ranks in order and never lets a batch span two', () => {
    always((plan, { servers, playbook: { rollout } }) => {
      const rankOf = (name: string) => {
        const has = servers.find(each => each.name === name)?.roles ?? []
        const at = rollout.order.findIndex(role => has.includes(role))
        return at === -1 ? rollout.order.length : at
      }
      const ranks = plan.batches.map(batch => [...new Set(batch.servers.map(rankOf))])
      for (const rank of ranks) expect(rank).toHaveLength(1)
      expect(ranks.flat()).toEqual(ranks.flat().toSorted((a, b) => a - b))
      for (const { name, rank } of plan.servers) expect(rank).toBe(rollout.order[rankOf(name)] ?? 'other')
    })
  })

  it('has internet-facing cas servers first and otherwise names in order, within a rank', () => {
    always((plan, { servers }) => {
      const key = (name: string, rank: string) => {
        const facing = rank === 'cas' && servers.find(each => each.name === name)?.internetFacing === true
        return `${facing ? 0 : 1}${name.toLowerCase()}`
      }
      for (const rank of new Set(plan.servers.map(each => each.rank))) {
        const keys = plan.servers.filter(each => each.rank === rank).map(each => key(each.name, rank))
        for (const [at, value] of keys.entries()) expect(at === 0 || (keys[at - 1] ?? '') < value).toBe(true)
      }
    })
  })

  it('has the canaries first and alone, and as many as there are to be', () => {
    always((plan, { playbook: { rollout } }) => {
      const first = plan.servers.filter(({ rank }) => rank === plan.servers[0]?.rank).length
      const canaries = plan.batches.filter(({ canary }) => canary)
      const wanted = Math.min(rollout.canary, first)
      expect(canaries.map(({ index, servers }) => [index, servers.length])).toEqual(wanted === 0 ? [] : [[1, wanted]])
    })
  })

  it('cuts each rank by serial, its last batch being what is left', () => {
    always((plan, { playbook: { rollout } }) => {
      for (const rank of new Set(plan.servers.map(each => each.rank))) {
        const whole = plan.servers.filter(each => each.rank === rank).length
        const sizes = plan.batches
          .filter(each => each.rank === rank && !each.canary)
          .map(({ servers }) => servers.length)
        for (const [at, size] of sizes.entries()) {
          const entry = rollout.serial[Math.min(at, rollout.serial.length - 1)]
          const wanted = entry === undefined ? Number.NaN : sizeOf(entry, whole)
          if (at < sizes.length - 1) expect(size).toBe(wanted)
          else expect(size >= 1 && size <= wanted).toBe(true)
        }
      }
    })
  })

  it('has every clustered server in one constraint, members in the order of their slots', () => {
    always((plan, { servers }) => {
      const clustered = servers.filter(({ cluster }) => cluster !== undefined)
      expect(plan.clusters.flatMap(({ members }) => members).toSorted()).toEqual(
        clustered.map(({ name }) => name).toSorted(),
      )
      const slot = new Map(plan.servers.map(({ name }, at) => [name, at]))
      for (const { cluster, members, order } of plan.clusters) {
        expect(order).toBe(cluster.type === 'dag' ? 'one-at-a-time' : 'passive-first')
        for (const member of members) expect(servers.find(({ name }) => name === member)?.cluster).toEqual(cluster)
        expect(members).toEqual(members.toSorted((a, b) => (slot.get(a) ?? 0) - (slot.get(b) ?? 0)))
      }
    })
  })

  it('is the same whatever order the servers come in, and leaves its input alone', () => {
    fc.assert(
      fc.property(
        anyFleet.chain(fleet => fc.tuple(fc.constant(fleet), fc.shuffledSubarray(fleet, { minLength: fleet.length }))),
        anyPlaybook,
        ([servers, shuffled], book) => {
          const before = structuredClone({ servers, book })
          expect(makePlan({ servers: shuffled, playbook: book })).toEqual(makePlan({ servers, playbook: book }))
          expect({ servers, book }).toEqual(before)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('goes through JSON unchanged, since it is saved and read again', () => {
    always(plan => expect(JSON.parse(JSON.stringify(plan))).toEqual(plan))
  })
})
