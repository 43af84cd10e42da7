import { describe, expect, it } from 'vitest'
import { serverRow, tableColumns } from '../../../src/output/dashboard/columns.js'
import { groupServers } from '../../../src/output/dashboard/groups.js'
import { drawList } from '../../../src/output/dashboard/list.js'
import { createViewer } from '../../../src/output/dashboard/viewer.js'
import { fleetJournal } from './fleet-journal.js'
import { sceneOf } from './frame-at.js'

/** Processor milliseconds of the cheapest of several goes: what the machine does beside it is in all but that. */
function cheapest(work: () => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let go = 0; go < 7; go++) {
    const from = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(from)
    best = Math.min(best, (user + system) / 1000)
  }
  return best
}

function viewerOver(servers: number) {
  const events = fleetJournal({ servers, batchSize: Math.ceil(servers / 4) })
  const viewer = createViewer({
    size: { columns: 160, rows: 50 },
    ascii: false,
    control: true,
    now: () => Date.parse(events.at(-1)?.at ?? ''),
    elapsed: () => 0,
    onEffect() {},
    onRead() {},
  })
  return { viewer, events }
}

describe('what a fleet of 500 costs', () => {
  it('takes an event in groups for about what one of a fleet of 50 takes', () => {
    const perEvent = (servers: number) => {
      const { viewer, events } = viewerOver(servers)
      const some = events.slice(0, 20_000)
      const taking = () => {
        for (let from = 0; from < some.length; from += 200) viewer.take(some.slice(from, from + 200))
      }
      return cheapest(taking) / some.length
    }
    // Ten times the servers: an event that copied the fleet would cost ten times as much.
    expect(perEvent(500) / perEvent(50)).toBeLessThan(5)
  })

  it('draws a frame for no more than the tenfold of one of a fleet of 50, whose rows are as many', () => {
    const perFrame = (servers: number) => {
      const { viewer, events } = viewerOver(servers)
      viewer.take(events.slice(0, Math.floor(events.length / 3)))
      return cheapest(() => {
        for (let frame = 0; frame < 10; frame++) {
          viewer.key('down')
          viewer.nextFrame()
        }
      })
    }
    expect(perFrame(500) / perFrame(50)).toBeLessThan(10)
  })

  it('draws the rows that are seen, and no others', () => {
    const events = fleetJournal({ servers: 500, batchSize: 500 })
    const scene = sceneOf({ events: events.slice(0, 4000) })
    const groups = groupServers(scene.model.run, scene.view, scene.now)
    let asked = 0
    const counting = groups.map(group => ({
      ...group,
      servers: group.servers.map(
        server =>
          new Proxy(server, {
            get(target, property, receiver) {
              // Only a row that is drawn asks for services.
              if (property === 'services') asked++
              return Reflect.get(target, property, receiver)
            },
          }),
      ),
    }))
    const { lines } = drawList(counting, scene, { width: 160, height: 40 })
    expect(lines).toHaveLength(40)
    expect(asked).toBeGreaterThan(0)
    expect(asked).toBeLessThanOrEqual(40)
  })

  it('has a row that is as long whatever the fleet', () => {
    const scene = sceneOf({ events: fleetJournal({ servers: 1 }) })
    const [server] = Object.values(scene.model.run.servers)
    if (server === undefined) throw new Error('there is one server')
    const columns = tableColumns(160, 12)
    const row = serverRow(server, { columns, width: 160, scene, selected: false, causeInRow: false, typicalMs: null })
    expect(row.length).toBeLessThan(40)
  })
})
