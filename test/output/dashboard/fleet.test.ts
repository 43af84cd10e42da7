import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../src/events/event.js'
import { matchesFilter } from '../../../src/output/dashboard/filter.js'
import { causeOf, countFleet, needsAttention, serversOf, standingOf } from '../../../src/output/dashboard/fleet.js'
import { groupServers } from '../../../src/output/dashboard/groups.js'
import { firstView } from '../../../src/output/dashboard/view.js'
import { fleetJournal, serverName, type Trouble, upTo } from './fleet-journal.js'
import { modelOf } from './frame-at.js'

const name = serverName(0)

function serverWith(trouble: Trouble) {
  const { run } = modelOf(fleetJournal({ servers: 2, troubles: { [name]: trouble } }))
  const server = run.servers[name]
  if (server === undefined) throw new Error(`${name} is in the run`)
  return server
}

describe('a server that needs attention', () => {
  it.each([
    ['missing-cached-patch', 'failed', 'missing-cached-patch', /cached \.msp/, /repair-cache.*--limit/],
    ['services-disabled', 'failed', 'services-disabled', /MSExchangeTransport/, /start type/],
    ['unreachable', 'unreachable', 'CONNECT_REFUSED', /refused/, /sshd/],
    ['pending-reboot', 'blocked', 'pending-reboot', /restart/, /Restart the server/],
    ['stalled', 'unknown', 'stalled', /25 minutes/, /guard/],
    ['setting-stuck', 'failed', 'setting-stuck', /could not be put back/, /exroll restore/],
  ] as const)('with %s says its cause and what to do', (trouble, standing, id, text, remedy) => {
    const server = serverWith(trouble)
    expect(needsAttention(server)).toBe(true)
    expect(standingOf(server)).toBe(standing)
    const cause = causeOf(server)
    expect(cause?.id).toBe(id)
    expect(cause?.text).toMatch(text)
    expect(cause?.remedy).toMatch(remedy)
  })

  it('is failed from the moment its step failed, before its logs are collected', () => {
    const journal = fleetJournal({ servers: 1, troubles: { [name]: 'missing-cached-patch' } })
    const failure = journal.findIndex(event => event.type === 'step.finished' && event.outcome === 'failed')
    const server = modelOf(journal.slice(0, failure + 1)).run.servers[name]
    expect(server === undefined ? null : standingOf(server)).toBe('failed')
  })

  it('is no longer one that is taken up again, until it fails once more', () => {
    const journal = fleetJournal({ servers: 1, troubles: { [name]: 'missing-cached-patch' } })
    const last = journal.at(-1)
    if (last === undefined) throw new Error('there are events')
    const again = (step: 'connect' | 'install', attempt: number): RunEvent => ({
      ...last,
      type: 'step.started',
      server: name,
      step,
      attempt,
    })
    const standing = (events: RunEvent[]) => {
      const server = modelOf(events).run.servers[name]
      return server === undefined ? null : standingOf(server)
    }
    expect(standing(journal)).toBe('failed')
    expect(standing([...journal, again('connect', 1)])).toBe('running')
    expect(standing([...journal, again('connect', 2)])).toBe('running')
    expect(standing([...journal, again('install', 2)])).toBe('running')
  })

  it('is no server that went well', () => {
    const { run } = modelOf(fleetJournal({ servers: 3 }))
    expect(serversOf(run).filter(needsAttention)).toEqual([])
    expect(causeOf(run.servers[name] ?? serverWith('stalled'))).toBeNull()
  })
})

describe('groups', () => {
  const { run } = modelOf(upTo(fleetJournal({ servers: 42, troubles: { [serverName(2)]: 'crl-check' } }), 0.5))

  it.each(['batch', 'role', 'state'] as const)('by %s hold every server once', group => {
    const shown = groupServers(run, { ...firstView(), group }, 0).flatMap(({ servers }) =>
      servers.map(server => server.name),
    )
    expect(shown.toSorted()).toEqual(run.order.toSorted())
  })

  it('count servers that are shown on top where they belong as well', () => {
    const groups = groupServers(run, firstView(), 0)
    expect(groups[0]?.id).toBe('attention')
    expect(groups.find(({ id }) => id === 'batch-1')?.counts.standing.failed).toBe(1)
  })

  it('put the active batch before those that are done or wait', () => {
    const kinds = groupServers(run, firstView(), 0).map(({ kind }) => kind)
    expect(kinds.slice(0, 2)).toEqual(['attention', 'active'])
    expect(kinds.slice(2)).not.toContain('active')
  })
})

describe('counts', () => {
  it('count every server once, and settings that are out by server', () => {
    const { run } = modelOf(upTo(fleetJournal({ servers: 10, troubles: { [name]: 'setting-stuck' } }), 0.45))
    const counts = countFleet(serversOf(run))
    expect(Object.values(counts.standing).reduce((sum, count) => sum + count, 0)).toBe(10)
    const out = serversOf(run).filter(({ outstanding }) => Object.keys(outstanding).some(key => key.startsWith('crl/')))
    expect(counts.outstanding.crl ?? 0).toBe(out.length)
  })
})

describe('a filter', () => {
  const server = serverWith('missing-cached-patch')

  it.each([
    ['', true],
    ['mbx', true],
    ['MBX-01', true],
    ['cas', false],
    ['!cas', true],
    ['!mbx', false],
    ['state:failed', true],
    ['state:ok', false],
    ['role:mail', true],
    ['batch:1', true],
    ['batch:2', false],
    ['missing-cached', true],
    ['mbx state:failed !batch:2', true],
    ['mbx state:ok', false],
    ['!', true],
  ])('"%s" lets a failed mailbox server of batch 1 pass: %s', (filter, passes) => {
    expect(matchesFilter(server, filter)).toBe(passes)
  })
})
