import { describe, expect, it } from 'vitest'
import { ChangeCounter } from '../../../src/lab/world/change-counter.js'
import { LabClock } from '../../../src/lab/world/clock.js'
import { EventLog } from '../../../src/lab/world/event-log.js'
import { type LabService, WindowsServices } from '../../../src/lab/world/services.js'

function services(...list: Partial<LabService>[]) {
  const clock = new LabClock(10_000)
  const changes = new ChangeCounter()
  const events = new EventLog(changes, clock)
  const manager = new WindowsServices({ clock, changes, events, instant: false })
  for (const service of list) {
    manager.add({ name: 'A', displayName: 'A', startType: 'Automatic', state: 'Stopped', dependsOn: [], ...service })
  }
  return { manager, events, changes }
}

const state = (manager: WindowsServices, name: string) => manager.find(name)?.state

describe('the services of a simulated server', () => {
  it('start with what they depend on', async () => {
    const { manager } = services({ name: 'A' }, { name: 'B', dependsOn: ['A'] }, { name: 'C', dependsOn: ['B'] })
    await manager.start('c')
    expect(['A', 'B', 'C'].map(name => state(manager, name))).toEqual(['Running', 'Running', 'Running'])
  })

  it.each([
    [1056, { state: 'Running' }],
    [1058, { startType: 'Disabled' }],
  ] as const)('refuse a start with %i', async (code, service) => {
    const { manager } = services(service)
    await expect(manager.start('A')).rejects.toMatchObject({ code })
  })

  it('do not start on something that is disabled: 1068', async () => {
    const { manager } = services({ name: 'A', startType: 'Disabled' }, { name: 'B', dependsOn: ['A'] })
    await expect(manager.start('B')).rejects.toMatchObject({ code: 1068 })
    expect(state(manager, 'B')).toBe('Stopped')
  })

  it('do not stop under a running dependent: 1051; with their dependents they do', async () => {
    const { manager } = services({ name: 'A', state: 'Running' }, { name: 'B', state: 'Running', dependsOn: ['A'] })
    await expect(manager.stop('A')).rejects.toMatchObject({ code: 1051 })
    await manager.stopWithDependents('A')
    expect([state(manager, 'A'), state(manager, 'B')]).toEqual(['Stopped', 'Stopped'])
  })

  it('that take no control stay up: 1061', async () => {
    const { manager } = services({ state: 'Running' })
    manager.refuseStop('a')
    await expect(manager.stop('A')).rejects.toMatchObject({ code: 1061 })
    expect(state(manager, 'A')).toBe('Running')
  })

  it('whose signature was not checked yet time out once (7009, 7000), and start at the second try', async () => {
    const { manager, events } = services({ displayName: 'Microsoft Exchange Transport' })
    manager.leaveUnchecked('A')
    await expect(manager.start('A')).rejects.toMatchObject({ code: 1053 })
    expect(events.entries.map(({ id }) => id)).toEqual([7009, 7000])
    await manager.start('A')
    expect(state(manager, 'A')).toBe('Running')
  })

  it('come up at a boot by their start types alone', () => {
    const { manager } = services(
      { name: 'A', state: 'Running' },
      { name: 'B', state: 'Running', startType: 'Manual' },
      { name: 'C', startType: 'AutomaticDelayed' },
      { name: 'D', startType: 'Disabled' },
    )
    manager.powerOff()
    expect(manager.all.every(service => service.state === 'Stopped')).toBe(true)
    manager.boot()
    expect(manager.lines()).toEqual([
      'A Automatic Running',
      'B Manual Stopped',
      'C AutomaticDelayed Running',
      'D Disabled Stopped',
    ])
  })

  it('come up at a boot with what they need, also where that is Manual; not on something that cannot start', () => {
    const { manager } = services(
      { name: 'A', dependsOn: ['B'] },
      { name: 'B', startType: 'Manual' },
      { name: 'C', dependsOn: ['D'] },
      { name: 'D', startType: 'Disabled' },
      { name: 'E', dependsOn: ['C'] },
    )
    manager.boot()
    expect(manager.lines()).toEqual([
      'A Automatic Running',
      'B Manual Running',
      'C Automatic Stopped',
      'D Disabled Stopped',
      'E Automatic Stopped',
    ])
  })

  it('are not changed by being given the start type they have', () => {
    const { manager, changes } = services({})
    changes.begin()
    manager.configure('A', 'Automatic')
    expect(changes.writes).toBe(0)
    manager.configure('A', 'Disabled')
    expect(changes.writes).toBe(1)
    expect(() => manager.configure('nobody', 'Manual')).toThrow('(1060)')
  })
})
