import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromSftpPath, toSftpPath, windowsPath } from '../../../src/lab/endpoint/windows-path.js'

describe('Windows paths', () => {
  it.each([
    ['C:/x/y', 'C:\\x\\y'],
    ['c:\\\\x\\\\y\\', 'C:\\x\\y'],
    ['C:\\', 'C:\\'],
    ['\\x', 'C:\\x'],
    ['x', 'C:\\Users\\exadmin\\x'],
    ['..\\y', 'C:\\Users\\y'],
    ['C:\\..\\..\\x', 'C:\\x'],
    ['d:', 'D:\\'],
  ])('%s is %s', (written, whole) => {
    expect(windowsPath(written)).toBe(whole)
  })

  it.each([
    ['/', undefined],
    ['/..', undefined],
    ['/C:', 'C:\\'],
    ['/C:/..', undefined],
    ['/C:/Windows/../x', 'C:\\x'],
    ['C:/Windows', 'C:\\Windows'],
    ['/Windows', 'C:\\Windows'],
    ['.', 'C:\\Users\\exadmin'],
    ['../..', 'C:\\'],
    ['../../..', undefined],
    ['/c:/a b/', 'C:\\a b'],
  ])('SFTP path %s is %s', (written, whole) => {
    expect(fromSftpPath(written)).toBe(whole)
  })

  it('comes back from SFTP as it went', () => {
    const part = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 _-]{0,8}$/)
    fc.assert(
      fc.property(fc.constantFrom('C', 'D', 'Z'), fc.array(part, { maxLength: 5 }), (drive, parts) => {
        const path = `${drive}:\\${parts.join('\\')}`
        expect(fromSftpPath(toSftpPath(path))).toBe(path)
      }),
    )
  })
})
