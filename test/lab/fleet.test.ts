import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fleetMembers, fleetNames, makeFleet } from '../../src/lab/fleet.js'
import { LabClock } from '../../src/lab/world/clock.js'
import { registeredPatches } from '../../src/lab/world/installed.js'
import { spillFolder } from './world/spill-folder.js'

const make = (servers: number, seed: number) =>
  makeFleet({ servers, seed }, { clock: new LabClock(60), spillFolder: spillFolder() }).map(({ server }) => server)

describe('a fleet', () => {
  it('has as many servers as asked for, no name twice, and never half a cluster', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), count => {
        const members = fleetMembers(count)
        expect(new Set(members.map(({ name }) => name)).size).toBe(count)
        const clusters = new Map<string, number>()
        for (const { cluster } of members) if (cluster) clusters.set(cluster, (clusters.get(cluster) ?? 0) + 1)
        expect([...clusters.values()].every(nodes => nodes === 2)).toBe(true)
      }),
    )
  })

  it('begins the same however large it is', () => {
    expect(fleetNames(40).slice(0, 8)).toEqual(fleetNames(8))
    const [small] = make(1, 7)
    const [first] = make(9, 7)
    expect(first?.digest()).toBe(small?.digest())
  })

  it('is of many kinds: levels, settings that are absent, services that somebody turned off', () => {
    const fleet = make(40, 7)
    expect(new Set(fleet.map(server => registeredPatches(server)[0]?.displayName)).size).toBeGreaterThan(1)
    const disabled = fleet.map(({ services }) => services.all.filter(({ startType }) => startType === 'Disabled'))
    expect(disabled.every(({ length }) => length === 1)).toBe(true)
    expect(new Set(fleet.map(({ installSeconds }) => installSeconds)).size).toBeGreaterThan(10)
    expect(fleet.every(({ installSeconds }) => installSeconds >= 600 && installSeconds <= 1200)).toBe(true)
  })

  it('shares one cluster between its two nodes, with one of them active', () => {
    const nodes = make(8, 7).filter(({ cluster }) => cluster !== undefined)
    expect(nodes).toHaveLength(2)
    expect(nodes[0]?.cluster).toBe(nodes[1]?.cluster)
    expect(nodes.map(({ computerName }) => computerName)).toContain(nodes[0]?.cluster?.activeNode)
  })
})
