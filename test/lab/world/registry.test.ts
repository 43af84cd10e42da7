import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChangeCounter } from '../../../src/lab/world/change-counter.js'
import { AccessDenied, Registry } from '../../../src/lab/world/registry.js'

const key = 'HKLM\\SOFTWARE\\Microsoft\\PowerShell'

describe('the registry of a simulated server', () => {
  it('gives back what was set, whatever the case, until it is deleted', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,8}$/),
        fc.oneof(fc.nat(), fc.string(), fc.array(fc.string())),
        (name, data) => {
          const registry = new Registry(new ChangeCounter())
          registry.set(key, name, data)
          expect(registry.get(key.toLowerCase(), name.toUpperCase())).toEqual(data)
          registry.delete(key, name)
          expect(registry.get(key, name)).toBeUndefined()
        },
      ),
    )
  })

  it('has two views of HKLM\\SOFTWARE, and one of everything else', () => {
    const registry = new Registry(new ChangeCounter())
    registry.set(key, 'x', 'in 64')
    registry.set(key, 'x', 'in 32', '32')
    registry.set('HKU\\S-1-5-18\\Software', 'y', 1, '32')
    expect([registry.text(key, 'x'), registry.text(key, 'x', '32')]).toEqual(['in 64', 'in 32'])
    expect(registry.number('HKU\\S-1-5-18\\Software', 'y')).toBe(1)
  })

  it('tells a value of another kind from a value that is there', () => {
    const registry = new Registry(new ChangeCounter())
    registry.set(key, 'x', 5)
    expect([registry.number(key, 'x'), registry.text(key, 'x')]).toEqual([5, null])
  })

  it('lists the keys right below, as they were written', () => {
    const registry = new Registry(new ChangeCounter())
    registry.set(`${key}\\One\\Deep`, 'x', 1)
    registry.set(`${key}\\two`, 'x', 1)
    expect(registry.subkeys(key.toUpperCase())).toEqual(['One', 'two'])
    registry.deleteKey(`${key}\\ONE`)
    expect(registry.subkeys(key)).toEqual(['two'])
    expect(registry.has(`${key}\\One`)).toBe(false)
  })

  it('refuses what an access list forbids, until that is lifted; nothing is changed by the try', () => {
    const changes = new ChangeCounter()
    const registry = new Registry(changes)
    registry.set(key, 'x', 1)
    changes.begin()
    registry.deny('agent', (_key, name, data) => name === 'x' && data === null)
    expect(() => registry.delete(key, 'x')).toThrow(AccessDenied)
    expect([registry.get(key, 'x'), changes.writes]).toEqual([1, 0])
    expect(registry.lift('agent')).toBe(true)
    registry.delete(key, 'x')
    expect(registry.get(key, 'x')).toBeUndefined()
  })

  it('has the same lines for the same values, in whatever order they were set', () => {
    const values = [
      ['a', 1],
      ['b', 'two'],
      ['c', ['x', 'y']],
    ] as const
    const lines = (order: readonly (readonly [string, number | string | readonly string[]])[]) => {
      const registry = new Registry(new ChangeCounter())
      for (const [name, data] of order) registry.set(key, name, typeof data === 'object' ? [...data] : data)
      return registry.lines()
    }
    expect(lines(values)).toEqual(lines([...values].reverse()))
  })
})
