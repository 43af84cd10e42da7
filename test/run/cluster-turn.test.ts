import { describe, expect, it } from 'vitest'
import type { Plan } from '../../src/plan/model.js'
import { clusterTurn } from '../../src/run/cluster-turn.js'

const plan = {
  clusters: [{ cluster: { type: 'ccr', name: 'CMS1' }, members: ['a', 'b'], order: 'passive-first' }],
} as unknown as Plan

const turn = (server: string, active: string, taken: string[] = [], outcomes = {}, underway: string[] = []) =>
  clusterTurn({
    plan,
    server,
    taken: new Set(taken),
    underway: new Set(underway),
    outcomes,
    isActive: async name => name === active,
  })

describe('clusterTurn', () => {
  it('lets the passive node go first, whichever slot came', async () => {
    expect(await turn('a', 'b')).toEqual({ run: 'a' })
    expect(await turn('a', 'a')).toEqual({ run: 'b' })
  })

  it('lets the active node have the later slot once its partner is patched', async () => {
    expect(await turn('a', 'a', ['b'], { b: 'changed' })).toEqual({ run: 'a' })
  })

  it('passes the active node over when its partner did not end well', async () => {
    expect(await turn('a', 'a', ['b'], { b: 'failed' })).toMatchObject({ passOver: 'a' })
  })

  it('still patches a passive node whose active partner failed', async () => {
    expect(await turn('a', 'b', ['b'], { b: 'unreachable' })).toEqual({ run: 'a' })
  })

  it('goes on first with the member whose install an earlier process began', async () => {
    expect(await turn('a', 'a', [], {}, ['a'])).toEqual({ run: 'a' })
    expect(await turn('a', 'b', [], {}, ['b'])).toEqual({ run: 'b' })
    expect(await turn('a', 'b', ['b'], { b: 'changed' }, ['b'])).toEqual({ run: 'a' })
  })

  it('leaves a server without such a cluster where it is, and asks nobody', async () => {
    const asked: string[] = []
    const result = await clusterTurn({
      plan,
      server: 'c',
      taken: new Set(),
      underway: new Set(),
      outcomes: {},
      isActive: async name => {
        asked.push(name)
        return true
      },
    })
    expect(result).toEqual({ run: 'c' })
    expect(asked).toEqual([])
  })
})
