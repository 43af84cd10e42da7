import { describe, expect, it } from 'vitest'
import type { Plan } from '../../src/plan/model.js'
import { clusterTurn, slotIsOpen } from '../../src/run/cluster-turn.js'

const plan = {
  clusters: [
    { cluster: { type: 'ccr', name: 'CMS1' }, members: ['a', 'b'], order: 'passive-first' },
    { cluster: { type: 'dag', name: 'DAG1' }, members: ['d', 'e'], order: 'one-at-a-time' },
  ],
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

  it('starts no other member while the end of one is not known, in any kind of cluster', async () => {
    expect(await turn('a', 'b', ['b'], { b: 'unknown' })).toMatchObject({ passOver: 'a' })
    expect(await turn('e', '', ['d'], { d: 'unknown' })).toMatchObject({ passOver: 'e' })
    expect(await turn('e', '', ['d'], { d: 'failed' })).toEqual({ run: 'e' })
  })

  it('goes on first with the member of a DAG whose install an earlier process began', async () => {
    expect(await turn('d', '', [], {}, ['e'])).toEqual({ run: 'e' })
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

describe('slotIsOpen', () => {
  const open = (slot: string, ...taken: string[]) => slotIsOpen({ plan, slot, taken: new Set(taken) })

  it('is true of a server that was not taken', () => {
    expect([open('c'), open('c', 'c')]).toEqual([true, false])
  })

  it('leaves the later slot to the node that gave its own away', () => {
    expect([open('a'), open('b')]).toEqual([true, true])
    expect([open('a', 'b'), open('b', 'b')]).toEqual([false, true])
    expect([open('a', 'a'), open('b', 'a')]).toEqual([false, true])
    expect([open('a', 'a', 'b'), open('b', 'a', 'b')]).toEqual([false, false])
  })
})
