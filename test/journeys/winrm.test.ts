import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LabState } from '../../src/lab/model.js'
import { differences, exroll, type LabProcess, labUp, type RunResult, run } from './exroll.js'

const servers = 16
const dropped = ['ex-cas-01', 'ex-edge-01', 'ex-cas-02', 'ex-mbx-02b', 'ex-hub-01']

describe('the main job over SSH and WinRM mixed, with dropped connections', () => {
  let lab: LabProcess
  let before: LabState
  let after: LabState
  let result: RunResult

  beforeAll(async () => {
    const faults = dropped.flatMap(name => ['--fault', `connection-drop@${name}`])
    lab = await labUp([
      '--servers',
      String(servers),
      '--seed',
      '7',
      '--time-scale',
      '600',
      '--transport',
      'mixed',
      ...faults,
    ])
    before = await lab.state()
    result = await run(lab)
    after = await lab.state()
  })
  afterAll(() => lab?.end())

  it('has half of the fleet on WinRM, over HTTP and HTTPS', () => {
    const inventory = readFileSync(lab.inventory, 'utf8')
    expect(inventory.match(/transport: winrm/g)).toHaveLength(servers / 2)
    expect(inventory).toContain('scheme: http\n')
    expect(inventory).toContain('scheme: https\n')
  })

  it('patches every server once and leaves the rest of it as it was', () => {
    expect(result.exitCode, result.stderr).toBe(0)
    expect(Object.values(result.outcomes)).toEqual(Array.from({ length: servers }, () => 'changed'))
    for (const [name, state] of Object.entries(after.servers)) {
      expect(state).toMatchObject({ installsStarted: 1, build: '8.1.311.3' })
      expect(differences(before, after, name)).toEqual([])
    }
  })

  it('writes the password nowhere: not in the run folder, an event, an error or the inventory', () => {
    const password = readFileSync(`${lab.inventory}.password`, 'utf8').trim()
    const forms = [
      password,
      Buffer.from(password).toString('base64'),
      Buffer.from(password, 'utf16le').toString('latin1'),
    ]
    const written = [result.stdout, result.stderr, readFileSync(lab.inventory, 'latin1'), ...filesBelow(result.folder)]
    for (const text of written) for (const form of forms) expect(text).not.toContain(form)
  })
})

describe('servers behind WinRM that cannot be got to', () => {
  it.for([
    ['auth-failure', 'AUTH_FAILED'],
    ['host-key-changed', 'HOST_KEY_CHANGED'],
    ['unreachable', 'CONNECT_FAILED'],
  ] as const)('says why: %s', async ([fault, code]) => {
    const lab = await labUp([
      '--servers',
      '2',
      '--time-scale',
      '600',
      '--transport',
      'winrm',
      '--fault',
      `${fault}@ex-cas-01`,
    ])
    try {
      const result = await run(lab, ['--limit', 'ex-cas-01'])
      expect(result.exitCode).toBe(4)
      expect(result.outcomes).toEqual({ 'ex-cas-01': 'unreachable' })
      expect(result.causes).toEqual({ 'ex-cas-01': code })
    } finally {
      await lab.end()
    }
  })

  it('puts no secret on a command line while it works', async ({ skip }) => {
    if (process.platform !== 'linux') return skip('reads /proc')
    const lab = await labUp(['--servers', '1', '--time-scale', '600', '--transport', 'winrm'])
    try {
      const password = readFileSync(`${lab.inventory}.password`, 'utf8').trim()
      const facts = exroll(['facts', '-i', lab.inventory])
      const seen = readFileSync(`/proc/${facts.child.pid}/cmdline`, 'latin1')
      expect((await facts.ended).exitCode).toBe(0)
      expect(seen).not.toContain(password)
    } finally {
      await lab.end()
    }
  })
})

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
}
