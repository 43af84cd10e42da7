import { posix } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { absolutePath } from '../../src/inventory/absolute-path.js'

describe('absolutePath', () => {
  it.each([
    ['/srv/fleet/inv.yaml', 'ca.pem', '/srv/fleet/ca.pem'],
    ['/srv/fleet/inv.yaml', './a/../b', '/srv/fleet/b'],
    ['/srv/fleet/inv.yaml', '../../../../b', '/b'],
    ['/srv/fleet/inv.yaml', '/etc/ca.pem', '/etc/ca.pem'],
    ['/inv.yaml', 'ca.pem', '/ca.pem'],
    ['/srv/inv.yaml', '..', '/'],
    ['C:\\fleet\\inv.yaml', '..', 'C:\\'],
    ['/srv/inv.yaml', 'a\\b', '/srv/a\\b'],
    ['/srv/inv.yaml', '~/key', '/home/op/key'],
    ['/srv/inv.yaml', '~other/key', '/srv/~other/key'],
    ['C:\\fleet\\inv.yaml', 'keys\\..\\ca.pem', 'C:\\fleet\\ca.pem'],
    ['C:\\fleet\\inv.yaml', 'keys/id', 'C:\\fleet\\keys\\id'],
    ['C:\\fleet\\inv.yaml', '..\\..\\..\\x', 'C:\\x'],
    ['C:\\fleet\\inv.yaml', 'D:\\x', 'D:\\x'],
    ['C:\\fleet\\inv.yaml', '\\\\server\\share\\x', '\\\\server\\share\\x'],
    ['C:/fleet/inv.yaml', 'x', 'C:/fleet/x'],
  ])('from %s, %s is %s', (file, path, expected) => {
    expect(absolutePath(path, { file, home: '/home/op' })).toBe(expected)
  })

  it('agrees with node:path wherever the file lies', () => {
    const part = fc.constantFrom('a', 'b.c', '..', '.', '', '...')
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), parts => {
        fc.pre(parts[0] !== '')
        const path = parts.join('/')
        expect(absolutePath(path, { file: '/srv/fleet/inv.yaml' })).toBe(posix.resolve('/srv/fleet', path))
      }),
    )
  })
})
