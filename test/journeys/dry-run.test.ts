import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { decodeEvents } from '../../src/events/codec.js'
import type { RunEvent } from '../../src/events/event.js'
import { fleetNames } from '../../src/lab/fleet.js'
import { type FaultName, faultNames, type LabState } from '../../src/lab/model.js'
import { applyRollup, exroll, type LabProcess, labUp, type RunResult, run } from './exroll.js'

/** Faults that only some roles can have. */
const roleOf: Partial<Record<string, string>> = { 'owa-broken': 'cas' }

/** One fault a server, none on a cluster's nodes, and two servers that are well. */
function faultyFleet(): { servers: number; faultOf: Map<string, FaultName>; well: string[] } {
  const servers = 8 * Math.ceil((faultNames.length + 8) / 5)
  const free = fleetNames(servers).filter(name => !/\d[ab]$/.test(name))
  const faultOf = new Map<string, FaultName>()
  for (const fault of faultNames) {
    const role = roleOf[fault]
    const at = free.findIndex(name => role === undefined || name.includes(`-${role}-`))
    const [server] = free.splice(at, 1)
    if (server !== undefined) faultOf.set(server, fault)
  }
  return { servers, faultOf, well: free.slice(0, 2) }
}

type SettingEvent = Extract<RunEvent, { setting: unknown }>

/** What a run does to settings, per server, in its order; a refused restore is one that was tried. Start types are the installer's doing. */
function settingsOf(events: readonly RunEvent[]): Record<string, string[]> {
  const found: Record<string, string[]> = {}
  for (const event of events) {
    if (!event.type.startsWith('setting.')) continue
    const { server, setting, scope, from, to } = event as SettingEvent
    if (setting === 'start-type') continue
    const text = `${setting} ${scope}: ${from} -> ${to}`
    const list = found[server] ?? []
    if (!list.includes(text)) found[server] = [...list, text]
  }
  return found
}

describe('a dry run over every fault', () => {
  const { servers, faultOf, well } = faultyFleet()
  const limit = ['--limit', [...faultOf.keys(), ...well].join(',')]
  let lab: LabProcess
  let before: LabState
  let after: LabState
  let dry: RunEvent[]
  let exitCode: number | null
  let real: RunResult

  beforeAll(async () => {
    const faults = [...faultOf].flatMap(([server, fault]) => ['--fault', `${fault}@${server}`])
    lab = await labUp(['--servers', String(servers), '--seed', '19', '--time-scale', '600', ...faults])
    before = await lab.state()
    const runs = join(lab.folder, 'dry-runs')
    const end = await exroll([
      'run',
      applyRollup,
      '-i',
      lab.inventory,
      '--dry-run',
      '--ui',
      'ndjson',
      '--runs-dir',
      runs,
      '--set',
      'rollout.throttle=100',
      ...limit,
    ]).ended
    expect(existsSync(runs)).toBe(false)
    exitCode = end.exitCode
    dry = decodeEvents(end.stdout).events
    after = await lab.state()
    const wide = ['rollout.max_fail=100%', 'rollout.canary=0', 'rollout.serial=[100%]', 'rollout.throttle=100']
    real = await run(lab, [...limit, ...wide.flatMap(value => ['--set', value])])
  })
  afterAll(() => lab?.end())

  it('is followed by a real run that takes every one of them to its end', () => {
    // A setting that could not be put back wins over what failed.
    expect(real.exitCode, real.stderr).toBe(6)
    expect(Object.keys(real.outcomes).sort()).toEqual([...faultOf.keys(), ...well].sort())
  })

  it('writes nothing on any server, whatever its fault', () => {
    expect(Object.keys(after.servers)).toHaveLength(servers)
    for (const [name, { writes, digest }] of Object.entries(after.servers)) {
      expect({ name, writes, digest }).toEqual({ name, writes: 0, digest: before.servers[name]?.digest })
    }
  })

  it('foretells the settings that the real run changes and puts back, per server and value', () => {
    const predicted = dry.filter(event => event.type === 'setting.predicted')
    expect(dry.filter(event => /^setting\.(changed|restored|stuck)$/.test(event.type))).toEqual([])
    expect(settingsOf(predicted)).toEqual(settingsOf(real.events))
    const touched = [...faultOf].filter(([, fault]) =>
      ['crl-unreachable', 'execution-policy', 'restore-refused'].includes(fault),
    )
    expect(Object.keys(settingsOf(predicted)).sort()).toEqual(touched.map(([server]) => server).sort())
  })

  it('foretells who is refused, who is current and who cannot be reached', () => {
    const foretold = outcomes(dry)
    for (const [name, outcome] of Object.entries(outcomes(real.events))) {
      if (['blocked', 'unreachable', 'ok'].includes(outcome))
        expect({ name, outcome: foretold[name] }).toEqual({ name, outcome })
      else expect({ name, outcome: foretold[name] }).toEqual({ name, outcome: 'changed' })
    }
    expect(exitCode).toBe(2)
  })
})

function outcomes(events: readonly RunEvent[]): Record<string, string> {
  return Object.fromEntries(
    events.flatMap(event => (event.type === 'server.finished' ? [[event.server, event.outcome]] : [])),
  )
}

describe('the report and the saved plan of a dry run', () => {
  let lab: LabProcess | undefined
  afterEach(async () => {
    await lab?.end()
    lab = undefined
  })

  const dryRun = (lab: LabProcess, words: string[]) =>
    exroll(['run', applyRollup, '-i', lab.inventory, '--dry-run', '--ui', 'plain', ...words]).ended

  it('says in order what would happen, how sure that is, what blocks and what cures it', async () => {
    lab = await labUp([
      '--servers',
      '3',
      '--seed',
      '4',
      '--fault',
      'crl-unreachable@ex-mbx-01',
      '--fault',
      'interim-update@ex-cas-01',
    ])
    const { stdout, exitCode } = await dryRun(lab, [])
    expect(exitCode).toBe(2)
    expect(stdout).toContain('WOULD BE BLOCKED')
    expect(stdout).toMatch(/interim-update: [\s\S]*?\n\s+cure: Uninstall/)
    // Lines break at any blank.
    const text = stdout.replace(/\s+/g, ' ')
    expect(text).toMatch(/crl S-1-5-18: \S+ before, 0x23e00 during, \S+ after; the CRL cannot be reached/)
    expect(text).toContain('stops and disables, comes back running: MSExchange')
    expect(text).toContain('ExSetup.exe 8.1.311.3 [predicted]')
    expect(text).toContain('unknown until the installer has ended')
    expect(Math.max(...stdout.split('\n').map(line => line.length))).toBeLessThanOrEqual(80)
    const steps = [...stdout.matchAll(/^ {4}([a-z-]+) {2,}/gm)].map(match => match[1])
    expect(steps.slice(0, 5)).toEqual(['precheck', 'stage', 'snapshot', 'guard', 'maintenance-on'])
  })

  it('0 when all would be let through, 4 when nobody can be reached', async () => {
    lab = await labUp(['--servers', '2', '--seed', '4'])
    expect((await dryRun(lab, [])).exitCode).toBe(0)
    await lab.end()
    lab = await labUp(['--servers', '2', '--seed', '4', '--fault', 'unreachable'])
    expect((await dryRun(lab, [])).exitCode).toBe(4)
  })

  it('a saved plan runs as it is, needs no other file, and refuses servers that have drifted, in words', async () => {
    lab = await labUp(['--servers', '2', '--seed', '4', '--time-scale', '600'])
    const plan = join(lab.folder, 'plan.json')
    const runs = join(lab.folder, 'runs')
    const password = readFileSync(`${lab.inventory}.password`, 'utf8').trim()
    expect((await dryRun(lab, ['--save-plan', plan, '--set', 'rollout.between.soak=0s'])).exitCode).toBe(0)
    expect(readFileSync(plan, 'utf8')).not.toContain(password)
    const first = await exroll(['run', '--plan', plan, '--ui', 'quiet', '--yes', '--runs-dir', runs]).ended
    expect(first.exitCode, first.stderr).toBe(0)
    const again = await exroll(['run', '--plan', plan, '--ui', 'quiet', '--yes', '--runs-dir', runs]).ended
    expect(again.exitCode).toBe(2)
    expect(again.stderr).toContain('PLAN_DRIFTED')
    expect(again.stderr).toMatch(
      /ex-cas-01\n\s+build: 8\.1\.\S+ when the plan was saved, 8\.1\.311\.3 now\n\s+installed since then: .*KB952580/,
    )
    expect(readdirSync(runs)).toHaveLength(1)
  })

  it('a saved plan refuses files that do not say the same any more, before anything is contacted', async () => {
    lab = await labUp(['--servers', '2', '--seed', '4'])
    const plan = join(lab.folder, 'plan.json')
    await dryRun(lab, ['--save-plan', plan])
    const changed = join(lab.folder, 'other.yaml')
    writeFileSync(changed, readFileSync(lab.inventory, 'utf8').replace('ex-mbx-01', 'ex-mbx-77'))
    const { exitCode, stderr } = await exroll(['run', applyRollup, '-i', changed, '--plan', plan, '--yes']).ended
    expect(exitCode).toBe(3)
    expect(stderr).toContain('server ex-mbx-01 is not in the inventory any more')
    expect(stderr).toContain('server ex-mbx-77 is new in the inventory')
    const same = await exroll(['run', applyRollup, '-i', lab.inventory, '--plan', plan, '--set', 'rollout.canary=0'])
      .ended
    expect(same).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('PLAN_OPTIONS') })
  })

  it.each([
    [['--save-plan', 'x.json'], '--save-plan goes with --dry-run'],
    [['--dry-run', '--detach'], 'do not go together'],
    [['--plan', 'nowhere.json'], 'is no saved plan'],
    [['--ui', 'dashboard'], 'NO_TERMINAL'],
  ])('refuses %j with a reason', async (words, reason) => {
    const { exitCode, stderr } = await exroll(['run', applyRollup, '-i', 'nowhere.yaml', '--yes', ...words]).ended
    expect(exitCode).toBe(3)
    expect(stderr).toContain(reason)
  })
})
