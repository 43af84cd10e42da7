import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LabState } from '../../src/lab/model.js'
import { canWatch, filesWith, formsOf, watchProcesses } from '../process-watch.js'
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
})

describe.skipIf(!canWatch)('a password of WinRM (skipped where there is no /proc to look at processes)', () => {
  let lab: LabProcess
  let right: string
  beforeAll(async () => {
    lab = await labUp(['--servers', '4', '--time-scale', '600', '--transport', 'winrm'])
    right = readFileSync(`${lab.inventory}.password`, 'utf8').trim()
  })
  afterAll(() => lab?.end())

  it.for([
    ['ex-mbx-01', 'negotiate', 'http', 'right'],
    ['ex-mbx-01', 'negotiate', 'http', 'wrong'],
    ['ex-hub-01', 'negotiate', 'https', 'right'],
    ['ex-hub-01', 'negotiate', 'https', 'wrong'],
    ['ex-hub-01', 'basic', 'https', 'right'],
    ['ex-hub-01', 'basic', 'https', 'wrong'],
  ] as const)(
    '%s, %s over %s: the %s one is on no command line, in no output, no environment and no file',
    async ([server, auth, scheme, kind]) => {
      const secret = kind === 'right' ? right : 'Wr0ng-S3cret-of-WinRM'
      const folder = mkdtempSync(join(lab.folder, 'doctor-'))
      const [TMPDIR, HOME] = ['tmp', 'home'].map(name => join(folder, name))
      for (const each of [TMPDIR, HOME]) mkdirSync(each ?? '')
      const password = join(lab.folder, `${kind}.password`)
      writeFileSync(password, `${secret}\n`, { mode: 0o600 })
      const inventory = join(folder, 'inv.yaml')
      writeFileSync(
        inventory,
        readFileSync(lab.inventory, 'utf8')
          .replaceAll(`scheme: ${scheme}\n`, `scheme: ${scheme}\n      auth: ${auth}\n`)
          .replace(`${lab.inventory}.password`, password),
      )
      const started = exroll(['doctor', server, '-i', inventory, '--json'], {
        TMPDIR,
        HOME,
        DEBUG: '*',
        NODE_DEBUG: 'http,net,tls',
      })
      const watch = watchProcesses(started.child.pid ?? 0)
      const { stdout, stderr } = await started.ended
      const seen = watch.stop()
      expect(stdout, stderr).toContain(kind === 'right' ? 'is logged on' : 'AUTH_FAILED')
      expect(seen.length).toBeGreaterThan(0)
      for (const form of [...formsOf(secret), Buffer.from(`EXLAB\\exadmin:${secret}`).toString('base64')]) {
        for (const { argv, environment } of seen) expect(argv + environment).not.toContain(form)
        expect(stdout).not.toContain(form)
        expect(stderr).not.toContain(form)
        expect(filesWith(folder, [form])).toEqual([])
      }
    },
  )
})

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
}
