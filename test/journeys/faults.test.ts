import { afterEach, describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/events/event.js'
import { differences, type LabProcess, labUp, type RunResult, run } from './exroll.js'

let lab: LabProcess | undefined
afterEach(async () => {
  await lab?.end()
  lab = undefined
})

/** One fault on one server of a small fleet; failures elsewhere may not hide behind the budget. */
async function withFault(fault: string, args: string[] = [], { servers = 3 } = {}) {
  const server = servers === 3 ? 'ex-cas-01' : 'ex-mbx-01'
  lab = await labUp([
    '--servers',
    String(servers),
    '--seed',
    '11',
    '--fault',
    `${fault}@${server}`,
    '--time-scale',
    '600',
  ])
  const before = await lab.state()
  const result = await run(lab, ['--set', 'rollout.max_fail=100%', ...args])
  const after = await lab.state()
  const others = Object.keys(result.outcomes).filter(name => name !== server)
  return { server, before, after, result, others }
}

type Case = Awaited<ReturnType<typeof withFault>>

function othersAreFine({ others, result, before, after }: Case): void {
  for (const name of others) {
    expect(result.outcomes[name], `${name}: ${result.stderr}`).toBe('changed')
    expect(differences(before, after, name)).toEqual([])
  }
}

const settings = (result: RunResult, server: string) =>
  result.events
    .filter((event): event is Extract<RunEvent, { setting: unknown }> => event.type.startsWith('setting.'))
    .filter(event => event.server === server)
    .map(event => `${event.type} ${event.setting} ${event.from} -> ${event.to}`)

describe('faults that a run cures by itself', () => {
  it('crl-unreachable: checking is off for the install and back on after it', async () => {
    const it = await withFault('crl-unreachable')
    expect(it.result.exitCode).toBe(0)
    expect(it.result.outcomes[it.server]).toBe('changed')
    const before = it.before.servers[it.server]?.crl['S-1-5-18'] ?? null
    const off = (before ?? 0x23c00) | 0x200
    expect(settings(it.result, it.server)).toEqual([
      `setting.changed crl ${before} -> ${off}`,
      `setting.restored crl ${off} -> ${before}`,
    ])
    expect(differences(it.before, it.after, it.server)).toEqual([])
    othersAreFine(it)
  })

  it('execution-policy: RemoteSigned for the install, Restricted again after it, and says what the article recommends', async () => {
    const it = await withFault('execution-policy')
    expect(it.result.exitCode).toBe(0)
    expect(settings(it.result, it.server)).toEqual([
      'setting.changed execution-policy Restricted -> RemoteSigned',
      'setting.restored execution-policy RemoteSigned -> Restricted',
    ])
    expect(it.after.servers[it.server]?.executionPolicy.LocalMachine).toBe('Restricted')
    const verify = it.result.events.find(
      event => event.type === 'step.finished' && event.server === it.server && event.step === 'verify',
    )
    expect(verify).toMatchObject({ note: expect.stringContaining('recommends RemoteSigned') })
    expect(differences(it.before, it.after, it.server)).toEqual([])
    othersAreFine(it)
  })

  it('services-not-started: starts them again, and notes why they did not', async () => {
    const it = await withFault('services-not-started')
    expect(it.result.exitCode, it.result.stderr).toBe(0)
    expect(it.result.outcomes[it.server]).toBe('changed')
    const made = it.result.events.filter(event => event.type === 'diagnosis.made' && event.server === it.server)
    expect(made).toContainEqual(expect.objectContaining({ id: 'services-not-started' }))
    expect(differences(it.before, it.after, it.server)).toEqual([])
    othersAreFine(it)
  })

  it('services-disabled: each start type is put back from the snapshot', async () => {
    const it = await withFault('services-disabled')
    expect(it.result.exitCode, it.result.stderr).toBe(0)
    const restored = settings(it.result, it.server).filter(text =>
      text.startsWith('setting.restored start-type Disabled -> '),
    )
    expect(restored.length).toBeGreaterThanOrEqual(3)
    expect(differences(it.before, it.after, it.server)).toEqual([])
    othersAreFine(it)
  })

  it('connection-drop: three cut connections, one install', async () => {
    const it = await withFault('connection-drop')
    expect(it.result.exitCode, it.result.stderr).toBe(0)
    expect(it.after.servers[it.server]?.installsStarted).toBe(1)
    expect(differences(it.before, it.after, it.server)).toEqual([])
    othersAreFine(it)
  })

  it('corrupt-transfer: noticed by SHA-256 and sent again', async () => {
    const it = await withFault('corrupt-transfer')
    expect(it.result.exitCode, it.result.stderr).toBe(0)
    expect(it.result.events).toContainEqual(
      expect.objectContaining({
        type: 'step.progress',
        server: it.server,
        step: 'stage',
        note: expect.stringContaining('damaged'),
      }),
    )
    othersAreFine(it)
  })

  it('slow: 300 ms a round trip changes nothing but the time', async () => {
    const it = await withFault('slow')
    expect(it.result.exitCode, it.result.stderr).toBe(0)
    expect(it.result.outcomes[it.server]).toBe('changed')
    othersAreFine(it)
  })

  it('superseded: is ok, and says by what', async () => {
    const it = await withFault('superseded')
    expect(it.result.exitCode).toBe(0)
    expect(it.result.outcomes[it.server]).toBe('ok')
    expect(it.result.events).toContainEqual(
      expect.objectContaining({
        type: 'server.finished',
        server: it.server,
        note: expect.stringMatching(/superseded.*KB\d+/),
      }),
    )
    expect(it.after.servers[it.server]?.writes).toBe(0)
    othersAreFine(it)
  })
})

describe('faults that precheck refuses', () => {
  it.each([
    'wrong-architecture',
    'interim-update',
    'gpo-execution-policy',
    'not-elevated',
    'missing-cached-patch',
    'poisoned-service-state',
  ])('%s: blocked by name, nothing written, exit 2', async fault => {
    const it = await withFault(fault)
    expect(it.result.exitCode).toBe(2)
    expect(it.result.outcomes[it.server]).toBe('blocked')
    expect(it.result.causes[it.server]).toBe(fault)
    expect(it.after.servers[it.server]?.writes).toBe(0)
    expect(it.after.servers[it.server]?.digest).toBe(it.before.servers[it.server]?.digest)
    othersAreFine(it)
  })

  it.each(['wrong-architecture', 'interim-update', 'gpo-execution-policy', 'missing-cached-patch', 'superseded'])(
    '%s let through: the install fails and is explained by the same name',
    async fault => {
      const it = await withFault(fault, ['--allow', fault])
      expect(it.result.exitCode, it.result.stderr).toBe(2)
      expect(it.result.outcomes[it.server]).toBe('failed')
      expect(it.result.causes[it.server]).toBe(fault)
      expect(differences(it.before, it.after, it.server)).toEqual([])
      othersAreFine(it)
    },
  )

  it('poisoned-service-state let through: the disabled state is not taken for the truth', async () => {
    const it = await withFault('poisoned-service-state', ['--allow', 'poisoned-service-state'])
    expect(it.result.outcomes[it.server]).toBe('changed')
    const disabled = it.before.servers[it.server]?.services.filter(service => service.startType === 'Disabled') ?? []
    expect(disabled.length).toBeGreaterThan(1)
    const after = new Map(it.after.servers[it.server]?.services.map(service => [service.name, service.startType]))
    const w3svc = disabled.find(service => service.name.toLowerCase() === 'w3svc')
    expect(after.get(w3svc?.name ?? 'W3SVC')).toBe('Automatic')
    othersAreFine(it)
  })
})

describe('faults that leave a server to look at', () => {
  it('crl-unreachable with crl_check: leave hangs: unknown, crl-check, nothing killed', async () => {
    const it = await withFault('crl-unreachable', ['--set', 'settings.crl_check=leave'])
    expect(it.result.exitCode).toBe(2)
    expect(it.result.outcomes[it.server]).toBe('unknown')
    expect(it.result.causes[it.server]).toBe('crl-check')
    expect(it.after.servers[it.server]?.tasks.length).toBeGreaterThan(0)
    othersAreFine(it)
  })

  it('execution-policy with leave fails as in the article', async () => {
    const it = await withFault('execution-policy', ['--set', 'settings.execution_policy=leave'])
    expect(it.result.exitCode).toBe(2)
    expect(it.result.outcomes[it.server]).toBe('failed')
    expect(it.result.causes[it.server]).toBe('execution-policy')
    const made = it.result.events.filter(event => event.type === 'diagnosis.made' && event.server === it.server)
    expect(JSON.stringify(made)).toContain('0x80070001')
    expect(differences(it.before, it.after, it.server)).toEqual([])
    othersAreFine(it)
  })

  it('stall: unknown, stalled, the guard stays armed', async () => {
    const it = await withFault('stall')
    expect(it.result.exitCode).toBe(2)
    expect(it.result.outcomes[it.server]).toBe('unknown')
    expect(it.result.causes[it.server]).toBe('stalled')
    expect(it.after.servers[it.server]?.tasks.length).toBeGreaterThan(0)
    othersAreFine(it)
  })

  it('stall with on_stall: end asks the installer to end, then fails and restores', async () => {
    const it = await withFault('stall', ['--set', 'install.on_stall=end'])
    expect(it.result.exitCode).toBe(2)
    expect(it.result.outcomes[it.server]).toBe('failed')
    expect(differences(it.before, it.after, it.server)).toEqual([])
    othersAreFine(it)
  })

  it.each([
    ['unreachable', 'CONNECT_FAILED'],
    ['auth-failure', 'AUTH_FAILED'],
    ['host-key-changed', 'HOST_KEY_CHANGED'],
  ])('%s: unreachable with code %s', async (fault, code) => {
    const it = await withFault(fault)
    expect(it.result.exitCode).toBe(2)
    expect(it.result.outcomes[it.server]).toBe('unreachable')
    const connect = it.result.events.find(
      event => event.type === 'step.finished' && event.server === it.server && event.step === 'connect',
    )
    expect(connect).toMatchObject({ outcome: 'failed', error: { code } })
    if (code === 'HOST_KEY_CHANGED') expect(JSON.stringify(connect).match(/SHA256:/g)?.length).toBeGreaterThanOrEqual(2)
    othersAreFine(it)
  })

  it('exits 4 when nobody could be reached', async () => {
    lab = await labUp(['--servers', '2', '--seed', '3', '--fault', 'auth-failure'])
    const { exitCode } = await run(lab)
    expect(exitCode).toBe(4)
  })

  it('restore-refused: stuck, exit 6, and the rest of the fleet is patched', async () => {
    const it = await withFault('restore-refused')
    expect(it.result.exitCode).toBe(6)
    expect(settings(it.result, it.server)).toContainEqual(expect.stringMatching(/^setting\.stuck crl /))
    othersAreFine(it)
  })
})

describe('three faults at once', () => {
  it('keeps each row apart', async () => {
    lab = await labUp([
      ...['--servers', '8', '--seed', '5', '--time-scale', '600'],
      ...[
        '--fault',
        'crl-unreachable@ex-hub-01',
        '--fault',
        'interim-update@ex-cas-02',
        '--fault',
        'services-disabled@ex-um-01',
      ],
    ])
    const before = await lab.state()
    const result = await run(lab)
    const after = await lab.state()
    expect(result.exitCode, result.stderr).toBe(2)
    expect(result.outcomes).toMatchObject({ 'ex-hub-01': 'changed', 'ex-cas-02': 'blocked', 'ex-um-01': 'changed' })
    for (const name of Object.keys(after.servers)) expect(differences(before, after, name)).toEqual([])
  })
})
