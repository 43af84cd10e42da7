import { describe, expect, it } from 'vitest'
import { drift, planBasis } from '../../src/run/drift.js'
import type { ServerFact } from '../../src/scripts/catalog.js'
import { healthyFact } from './fixture.js'

const between = (before: Partial<ServerFact>, after: Partial<ServerFact>) =>
  drift(planBasis(healthyFact(before)), planBasis(healthyFact(after)))

const service = (startType: 'Automatic' | 'Disabled', state: 'Running' | 'Stopped') => ({
  services: [{ name: 'W3SVC', displayName: 'WWW', startType, state, dependsOn: [] }],
})

describe('whether a saved plan still holds', () => {
  it('does while nothing it rests on is different; clocks and running services are not that', () => {
    expect(between({}, { now: '2009-01-01T00:00:00.000Z', uptimeMs: 5, bootId: 'boot-2' })).toEqual([])
    expect(between(service('Automatic', 'Running'), service('Automatic', 'Stopped'))).toEqual([])
  })

  it('does not when a start type, a setting, the active node or an update is another one, and says which', () => {
    expect(between(service('Automatic', 'Running'), service('Disabled', 'Stopped'))).toEqual([
      'start type of W3SVC: Automatic when the plan was saved, Disabled now',
    ])
    const { settings } = healthyFact()
    expect(between({}, { settings: { ...settings, crl: { 'S-1-5-18': 0x23e00 } } })).toEqual([
      `crl S-1-5-18: ${0x23c00} when the plan was saved, ${0x23e00} now`,
    ])
    const cluster = { type: 'ccr', name: 'CMS1', nodes: ['A', 'B'], activeNode: 'A', isActive: true, healthy: true }
    expect(between({ cluster }, { cluster: { ...cluster, activeNode: 'B' } })).toEqual([
      'active node: A when the plan was saved, B now',
    ])
    const update = { patchCode: '{1}', displayName: 'Rollup 3', kb: 'KB1', interim: false }
    expect(between({}, { updates: [update] })).toEqual(['installed since then: Rollup 3'])
    expect(between({ updates: [update] }, {})).toEqual(['removed since then: Rollup 3'])
  })
})
