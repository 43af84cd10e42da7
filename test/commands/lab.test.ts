import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { LabState } from '../../src/lab/model.js'
import { exroll, type Started } from '../journeys/exroll.js'
import { hasOpenSsh, OpenSsh } from '../lab/endpoint/openssh.js'

interface InventoryFile {
  credentials: Record<string, { username: string; password: { file: string } }>
  servers: { name: string; port: number }[]
}

describe('exroll lab', () => {
  let folder: string
  let inventory: string
  let lab: Started | undefined

  const up = async (...args: string[]): Promise<Started> => {
    lab = exroll(['lab', 'up', '--inventory-out', inventory, '--seed', '3', ...args])
    await lab.says(/^lab ready/m)
    return lab
  }
  const inventoryFile = (): InventoryFile => parse(readFileSync(inventory, 'utf8')) as InventoryFile
  const passwordFile = (): string => {
    const [credential] = Object.values(inventoryFile().credentials)
    return credential?.password.file ?? ''
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'exroll-lab-command-'))
    inventory = join(folder, 'my fleet.yaml')
  })
  afterEach(async () => {
    lab?.child.kill('SIGTERM')
    await lab?.ended
    lab = undefined
    rmSync(folder, { recursive: true, force: true })
  })

  it('says when it is ready: how many servers, where the inventory is, what to type next', async () => {
    const started = await up('--servers', '3')
    started.child.kill('SIGTERM')
    const { stdout } = await started.ended
    expect(stdout).toMatch(/^lab ready: 3 servers/)
    expect(stdout).toContain(inventory)
    expect(stdout).toMatch(/exroll run playbooks\/apply-rollup\.yaml -i ".*my fleet\.yaml"/)
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves the inventory and no secret behind after %s', async signal => {
    const started = await up('--servers', '2')
    const password = passwordFile()
    const secret = readFileSync(password, 'utf8').trim()
    if (process.platform !== 'win32') expect(statSync(password).mode & 0o777).toBe(0o600)
    expect(existsSync(`${inventory}.lab.json`)).toBe(true)
    started.child.kill(signal)
    const ended = await started.ended
    expect(ended.exitCode).toBe(0)
    expect(existsSync(password)).toBe(false)
    expect(existsSync(`${inventory}.lab.json`)).toBe(false)
    expect(`${readFileSync(inventory, 'utf8')}${ended.stdout}${ended.stderr}`).not.toContain(secret)
  })

  it('names the servers of the fleet in the order of the manual, none of them as simulated', async () => {
    await up('--servers', '9')
    expect(inventoryFile().servers.map(server => server.name)).toEqual(
      'ex-mbx-01 ex-cas-01 ex-hub-01 ex-edge-01 ex-um-01 ex-cas-02 ex-mbx-02a ex-mbx-02b ex-mbx-03'.split(' '),
    )
    const { stdout, exitCode } = await exroll(['inventory', 'check', inventory]).ended
    expect({ stdout, exitCode }).toMatchObject({ exitCode: 0 })
    expect(Object.keys(parse(readFileSync(inventory, 'utf8')) as object)).not.toContain('lab')
  })

  it('says what the servers hold, as JSON and as a table', async () => {
    await up('--servers', '2', '--fault', 'crl-unreachable@ex-cas-01')
    const { stdout } = await exroll(['lab', 'state', '--inventory', inventory, '--json']).ended
    const state = JSON.parse(stdout) as LabState
    expect(Object.keys(state.servers)).toEqual(['ex-mbx-01', 'ex-cas-01'])
    expect(state.servers['ex-mbx-01']).toMatchObject({ writes: 0, installsStarted: 0, tasks: [] })
    const table = await exroll(['lab', 'state', '--inventory', inventory]).ended
    expect(table.stdout).toMatch(/^server +build .*\nex-mbx-01 +8\.1\./)
  })

  it('refuses everything that is wrong with the command line at once, and says what was meant', async () => {
    const { exitCode, stderr } = await exroll([
      ...['lab', 'up', '--inventory-out', inventory, '--servers', '2', '--time-scale', 'fast'],
      ...['--fault', 'crl-unreachabel', '--fault', 'stall@ex-mbx-1', '--fault', 'nothing-like-it'],
      ...['--share', 'fs01=updates'],
    ]).ended
    expect(exitCode).toBe(3)
    expect(stderr).toContain('--time-scale fast')
    expect(stderr).toContain('did you mean "crl-unreachable"?')
    expect(stderr).toContain('did you mean "ex-mbx-01"?')
    expect(stderr).toContain('nothing-like-it')
    expect(stderr).toContain('--share fs01=updates: must be \\\\SERVER\\SHARE=FOLDER')
    expect(existsSync(inventory)).toBe(false)
  })

  it('says what it needs where the engine powershell has no PowerShell', async () => {
    const env = { EXROLL_PWSH: '/nowhere/pwsh' }
    const words = ['lab', 'up', '--inventory-out', inventory, '--engine', 'powershell']
    const { exitCode, stderr } = await exroll(words, env).ended
    expect(exitCode).toBe(3)
    expect(stderr).toContain('NO_POWERSHELL')
    expect(stderr).toContain('/nowhere/pwsh')
    expect(existsSync(inventory)).toBe(false)
  })

  it('says so when no lab is running', async () => {
    const { exitCode, stderr } = await exroll(['lab', 'state', '--inventory', inventory, '--json']).ended
    expect(exitCode).toBe(3)
    expect(stderr).toContain('LAB_NOT_RUNNING')
    expect(stderr).toContain('lab up')
  })

  it('starts no second lab over the inventory of a living one', async () => {
    await up('--servers', '1')
    const second = await exroll(['lab', 'up', '--inventory-out', inventory, '--servers', '1']).ended
    expect(second.exitCode).toBe(3)
    expect(second.stderr).toContain('LAB_RUNNING')
    expect(existsSync(passwordFile())).toBe(true)
  })

  it('lifts a refusal, and no other fault', async () => {
    await up('--servers', '2', '--fault', 'restore-refused@ex-mbx-01')
    const lift = (what: string) => exroll(['lab', 'allow', what, '--inventory', inventory]).ended
    expect(await lift('restore-refused@ex-mbx-01')).toMatchObject({ exitCode: 0, stdout: /ex-mbx-01/ })
    expect(await lift('restore-refused@ex-mbx-99')).toMatchObject({ exitCode: 3, stderr: /ex-mbx-99/ })
    expect(await lift('stall@ex-mbx-01')).toMatchObject({ exitCode: 3 })
  })

  // Skipped where OpenSSH's ssh is not installed.
  it.skipIf(!hasOpenSsh)("is there for OpenSSH's own ssh from the moment it says that it is ready", async () => {
    await up('--servers', '2')
    const [server] = inventoryFile().servers
    const client = new OpenSsh(server?.port ?? 0, readFileSync(passwordFile(), 'utf8').trim())
    try {
      const ended = await client.ssh(['hostname & dir C:\\\\Windows\\\\Installer'])
      expect(ended.stdout.toString()).toContain('ex-mbx-01')
      const { stdout } = await exroll(['lab', 'state', '--inventory', inventory, '--json']).ended
      const cached = (JSON.parse(stdout) as LabState).servers['ex-mbx-01']?.cacheFiles ?? []
      expect(cached.length).toBeGreaterThan(0)
      for (const name of cached) expect(ended.stdout.toString()).toContain(name)
    } finally {
      client.dispose()
    }
  })
})
