import { describe, expect, it } from 'vitest'
import { ChangeCounter } from '../../../src/lab/world/change-counter.js'
import { LabClock } from '../../../src/lab/world/clock.js'
import { FileMissing, FileSystem } from '../../../src/lab/world/file-system.js'
import { spillFolder } from './spill-folder.js'

function drive() {
  const changes = new ChangeCounter()
  changes.begin()
  return { changes, files: new FileSystem({ clock: new LabClock(60), changes, spillFolder: spillFolder() }) }
}

describe('the drive of a simulated server', () => {
  it('knows a path by any case and either slash, and keeps the first spelling', () => {
    const { files } = drive()
    files.write('C:\\Windows\\Installer\\Ab.msp', 'x')
    files.write('c:/windows/INSTALLER/ab.MSP', 'y')
    expect(files.text('C:\\WINDOWS\\installer\\ab.msp')).toBe('y')
    expect(files.list('C:\\Windows\\Installer')).toMatchObject([{ name: 'Ab.msp', folder: false, bytes: 1 }])
  })

  it('makes the folders above a file, and lists only what is right below', () => {
    const { files } = drive()
    files.write('C:\\a\\b\\c.txt', 'x')
    expect(files.list('C:\\').map(({ name }) => name)).toEqual(['a'])
    expect(files.list('C:\\a')).toMatchObject([{ name: 'b', folder: true }])
  })

  it('moves a folder with all that is in it', () => {
    const { files } = drive()
    files.write('C:\\a\\b\\c.txt', 'x')
    files.rename('C:\\a', 'C:\\z\\y')
    expect(files.exists('C:\\a\\b\\c.txt')).toBe(false)
    expect(files.text('C:\\z\\y\\b\\c.txt')).toBe('x')
  })

  it('removes no folder that holds something, and says which file is missing', () => {
    const { files } = drive()
    files.write('C:\\a\\b.txt', 'x')
    expect(() => files.remove('C:\\a')).toThrow('not empty')
    expect(() => files.read('C:\\nowhere.txt')).toThrow(FileMissing)
    expect(() => files.copy('C:\\nowhere.txt', 'C:\\b.txt')).toThrow(FileMissing)
  })

  it('counts changes, and none for looking', () => {
    const { files, changes } = drive()
    files.write('C:\\a.txt', 'x')
    const before = changes.writes
    files.list('C:\\')
    files.stat('C:\\a.txt')
    files.read('C:\\a.txt')
    files.lines()
    expect(changes.writes).toBe(before)
    files.append('C:\\a.txt', 'y')
    expect(changes.writes).toBe(before + 1)
  })

  it('lets a held file go only when it is released, a mapped one with the power', () => {
    const { files } = drive()
    files.hold('C:\\held.dll')
    files.pin('C:\\Mapped.dll')
    files.powerOff()
    expect([files.isHeld('c:\\HELD.dll'), files.isPinned('C:\\mapped.dll')]).toEqual([true, false])
    files.release('C:\\held.dll')
    expect(files.isHeld('C:\\held.dll')).toBe(false)
  })
})
