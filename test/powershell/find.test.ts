import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findPowerShell, windowsPowerShell } from '../../src/powershell/find.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'exroll-find-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function program(...path: string[]): string {
  mkdirSync(join(folder, ...path.slice(0, -1)), { recursive: true })
  const file = join(folder, ...path)
  writeFileSync(file, '#!/bin/sh\n')
  chmodSync(file, 0o755)
  return file
}

describe('findPowerShell', () => {
  it('takes what EXROLL_PWSH names, and nothing else when that is no program', () => {
    const named = program('named', 'my-pwsh')
    const PATH = join(folder, 'on-path')
    program('on-path', 'pwsh')
    expect(findPowerShell({ EXROLL_PWSH: named, PATH }, { platform: 'linux' })).toEqual({ program: named })
    expect(findPowerShell({ EXROLL_PWSH: join(folder, 'gone'), PATH }, { platform: 'linux' })).toEqual({
      missing: expect.stringContaining('EXROLL_PWSH'),
    })
  })

  it('prefers PowerShell 7 to Windows PowerShell wherever on PATH each is', () => {
    const seven = program('seven', 'pwsh.exe')
    const windows = program('windows', 'powershell.exe')
    const PATH = [join(folder, 'windows'), join(folder, 'seven')].join(delimiter)
    expect(findPowerShell({ PATH }, { platform: 'win32' })).toEqual({ program: seven })
    expect(findPowerShell({ PATH: join(folder, 'windows') }, { platform: 'win32' })).toEqual({ program: windows })
    expect(findPowerShell({ PATH: join(folder, 'windows') }, { platform: 'linux' })).toHaveProperty('missing')
  })

  it('takes what is to come first before PATH, and what is to come last after it', () => {
    const [first, onPath, last] = [program('1', 'a'), program('2', 'pwsh'), program('3', 'z')]
    const options = { platform: 'linux', first: [join(folder, 'none'), first], last: [last] } as const
    const PATH = join(folder, '2')
    expect(findPowerShell({ PATH }, options)).toEqual({ program: first })
    expect(findPowerShell({ PATH }, { ...options, first: [] })).toEqual({ program: onPath })
    expect(findPowerShell({ PATH: '' }, { ...options, first: [] })).toEqual({ program: last })
  })

  it('is not taken in by a folder or a file that may not be run', () => {
    mkdirSync(join(folder, 'odd', 'pwsh'), { recursive: true })
    expect(findPowerShell({ PATH: join(folder, 'odd') }, { platform: 'linux' })).toEqual({
      missing: 'pwsh is not on PATH',
    })
  })

  it('knows where Windows has its own', () => {
    expect(windowsPowerShell({ SystemRoot: 'D:\\Win' })).toContain('D:')
  })
})
