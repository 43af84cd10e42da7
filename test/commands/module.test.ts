import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { userModuleFolders } from '../../src/commands/module.js'
import { exroll, root } from '../journeys/exroll.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'exroll-module-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const source = join(root, 'ps-scripts', 'ExRoll')

describe('exroll module', () => {
  it('path prints a folder that Import-Module takes', async () => {
    const { exitCode, stdout } = await exroll(['module', 'path']).ended
    expect(exitCode).toBe(0)
    expect(existsSync(join(stdout.trim(), 'ExRoll.psd1'))).toBe(true)
  })

  it("install puts it on this user's module path, and writes down where the program is", async () => {
    const { exitCode, stdout } = await exroll(['module', 'install'], {
      HOME: folder,
      XDG_DATA_HOME: join(folder, 'data'),
    }).ended
    expect(exitCode).toBe(0)
    const installed = stdout.trim().split('\n')[0] ?? ''
    if (process.platform !== 'win32') expect(installed).toBe(join(folder, 'data', 'powershell', 'Modules', 'ExRoll'))
    for (const name of readdirSync(source)) expect(existsSync(join(installed, name))).toBe(true)
    expect(readFileSync(join(installed, 'exroll-cli.txt'), 'utf8').trim()).toBe(join(root, 'dist', 'cli.js'))
  })

  it('install leaves no file of an older version, and nothing else of the folder changed', async () => {
    const to = join(folder, 'modules')
    mkdirSync(join(to, 'ExRoll', 'Public'), { recursive: true })
    mkdirSync(join(to, 'Other'))
    writeFileSync(join(to, 'ExRoll', 'Public', 'Invoke-OldExRoll.ps1'), '')
    expect((await exroll(['module', 'install', '--to', to]).ended).exitCode).toBe(0)
    expect(existsSync(join(to, 'ExRoll', 'Public', 'Invoke-OldExRoll.ps1'))).toBe(false)
    expect(readdirSync(to).toSorted()).toEqual(['ExRoll', 'Other'])
  })

  it('install says which folder cannot be written to', async () => {
    const file = join(folder, 'a file')
    writeFileSync(file, '')
    chmodSync(file, 0o400)
    const { exitCode, stderr } = await exroll(['module', 'install', '--to', file]).ended
    expect(exitCode).toBe(3)
    expect(stderr).toContain(file)
    expect(stderr).toContain('MODULE_FOLDER')
    expect(stderr).toContain('--to')
  })

  it('knows both module paths of Windows, wherever Documents was moved to', () => {
    const folders = userModuleFolders('win32', {}, () => 'D:\\Documents')
    expect(folders).toEqual([
      join('D:\\Documents', 'PowerShell', 'Modules'),
      join('D:\\Documents', 'WindowsPowerShell', 'Modules'),
    ])
  })
})

describe('the package', () => {
  it('carries the module, the scripts, the playbooks and the pages that README names', () => {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
    const said = execFileSync(npm, ['pack', '--dry-run', '--ignore-scripts', '--json'], { cwd: root, encoding: 'utf8' })
    const [{ files }] = JSON.parse(said) as [{ files: { path: string }[] }]
    const paths = new Set(files.map(({ path }) => path))
    const needed = readdirSync(source, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name).slice(root.length + 1))
    const named = ['dist/cli.js', 'docs/credentials.md', 'playbooks/apply-rollup.yaml', 'LICENSE', 'README.md']
    for (const path of [...needed, ...named]) expect(paths).toContain(path)
    expect([...paths].filter(path => /^(test|src\/(?!products\/)|\.)/.test(path))).toEqual([])
  })
})
