import { describe, expect, it } from 'vitest'
import { defaultServices, disabledByInstaller } from '../../src/products/services.js'
import { defaultStartTypes } from '../../src/restore/default-start-types.js'
import type { ServerFact, ServiceFact, StartType } from '../../src/scripts/catalog.js'
import { healthyFact } from '../run/fixture.js'

/** A CAS whose services are as set-up made them, but for those named. */
function cas(now: Record<string, StartType> = {}): ServerFact {
  const services = defaultServices('2007', ['cas']).map(
    ({ name, displayName, startType }): ServiceFact => ({
      name,
      displayName,
      startType: now[name] ?? startType,
      state: 'Stopped',
      dependsOn: [],
    }),
  )
  return healthyFact({ services })
}

const touched = disabledByInstaller('2007', ['cas'])
const allDisabled = Object.fromEntries(touched.map(name => [name, 'Disabled' as const]))
const typeOf = (name: string) => defaultServices('2007', ['cas']).find(one => one.name === name)?.startType

describe('defaultStartTypes', () => {
  it('finds nothing on a server as set-up made it', () => {
    expect(defaultStartTypes({ fact: cas(), unfinishedPatch: false, named: [] })).toEqual({
      changes: [],
      leftAlone: [],
    })
  })

  it('gives every service that a broken patch disabled the type that set-up gave it', () => {
    const { changes, leftAlone } = defaultStartTypes({ fact: cas(allDisabled), unfinishedPatch: false, named: [] })
    const expected = touched.filter(name => typeOf(name) !== 'Disabled')
    expect(changes.map(({ scope }) => scope).sort()).toEqual([...expected].sort())
    for (const { scope, from, to } of changes) expect([from, to]).toEqual(['Disabled', typeOf(scope)])
    expect(leftAlone).toEqual([])
  })

  it('leaves one disabled service alone: somebody may want it so', () => {
    const fact = cas({ W3SVC: 'Disabled' })
    const found = defaultStartTypes({ fact, unfinishedPatch: false, named: [] })
    expect(found.changes).toEqual([])
    expect(found.leftAlone).toEqual([{ name: 'W3SVC', why: expect.stringContaining('patch') }])
  })

  it('takes the same one when a patch left its saved state, or when it is named', () => {
    const fact = cas({ W3SVC: 'Disabled' })
    for (const wish of [
      { unfinishedPatch: true, named: [] },
      { unfinishedPatch: false, named: ['w3svc'] },
    ]) {
      expect(defaultStartTypes({ fact, ...wish }).changes).toEqual([
        { setting: 'start-type', scope: 'W3SVC', from: 'Disabled', to: 'Automatic' },
      ])
    }
  })

  it('never makes Automatic what set-up makes Manual', () => {
    const manual = touched.filter(name => typeOf(name) === 'Manual')
    expect(manual.length).toBeGreaterThan(0)
    const { changes } = defaultStartTypes({ fact: cas(allDisabled), unfinishedPatch: true, named: [] })
    for (const name of manual) expect(changes.find(({ scope }) => scope === name)?.to).toBe('Manual')
  })

  it('does not touch a server without Exchange', () => {
    const fact = { ...cas(allDisabled), exchange: null }
    expect(defaultStartTypes({ fact, unfinishedPatch: true, named: ['W3SVC'] })).toEqual({ changes: [], leftAlone: [] })
  })
})
