import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sftpPath } from '../../../src/transport/ssh/sftp-path.js'

describe('sftpPath', () => {
  it.for([
    ['C:\\a\\b.msp', 'C:/a/b.msp'],
    ['c:/a\\b', 'c:/a/b'],
    ['\\\\server\\share\\x', '//server/share/x'],
    ['/var/tmp/a\\b', '/var/tmp/a\\b'],
    ['relative\\name', 'relative\\name'],
    ['/C:\\odd', '/C:\\odd'],
    ['CC:\\x', 'CC:\\x'],
  ] as const)('%s is %s', ([path, expected]) => {
    expect(sftpPath(path)).toBe(expected)
  })

  const segment = fc.string({ unit: fc.constantFrom('a', 'Ö', ' ', '.', '$', "'"), minLength: 1, maxLength: 8 })
  const windows = fc
    .tuple(fc.constantFrom('C', 'd', 'Z'), fc.array(fc.tuple(fc.constantFrom('\\', '/'), segment), { minLength: 1 }))
    .map(([drive, parts]) => ({ drive, parts, path: `${drive}:${parts.flat().join('')}` }))

  it('keeps every segment of a Windows path and leaves no backslash', () => {
    fc.assert(
      fc.property(windows, ({ drive, parts, path }) => {
        expect(sftpPath(path).split('/')).toEqual([`${drive}:`, ...parts.map(([, name]) => name)])
      }),
    )
  })

  it('changes nothing the second time', () => {
    fc.assert(fc.property(windows, ({ path }) => sftpPath(sftpPath(path)) === sftpPath(path)))
  })

  it('leaves every absolute POSIX path alone', () => {
    fc.assert(fc.property(fc.string(), text => sftpPath(`/${text}`) === `/${text}`))
  })
})
