import { describe, expect, it } from 'vitest'
import { decodeEvents } from '../../src/events/codec.js'
import type { RunEvent, ServerOutcome } from '../../src/events/event.js'
import type { FaultName, LabState } from '../../src/lab/model.js'
import { differences, exroll, type LabProcess, labUp, type RunResult, run } from './exroll.js'

/** What is to be seen of one faulty server and its neighbours after a run. */
interface Seen {
  server: string
  before: LabState
  after: LabState
  result: RunResult
}

/** One row of the table of faults: a fault on one server of a small fleet, how the run is asked, and what it must come to. */
interface Row {
  fault: FaultName
  /** What happens, in words. */
  says: string
  args?: string[]
  lab?: string[]
  exitCode: number
  outcome: ServerOutcome
  cause?: string
  /** What becomes of the server's settings, start types and services. Default: as before. */
  leaves?: 'untouched' | 'as-before' | 'guarded' | 'stopped'
  more?(seen: Seen): void
}

/** Two server minutes of install; leases and limits of some server minutes outlast a moment in which a busy machine does not get to it. */
const pace = ['--time-scale', '200', '--install-seconds', '120']
/** Where a run waits for 25 minutes without a line. */
const fast = ['--time-scale', '600']

const leave = (setting: string): string[] => ['--set', `settings.${setting}=leave`]
const allow = (name: string): string[] => ['--allow', name]

const cured: Row[] = [
  {
    fault: 'crl-unreachable',
    says: 'checking is off for the install and back on after it',
    exitCode: 0,
    outcome: 'changed',
    more: ({ result, server, before }) => {
      const was = before.servers[server]?.crl['S-1-5-18'] ?? null
      const off = (was ?? 0x23c00) | 0x200
      expect(settings(result, server)).toEqual([
        `setting.changed crl ${was} -> ${off}`,
        `setting.restored crl ${off} -> ${was}`,
      ])
    },
  },
  {
    fault: 'execution-policy',
    says: 'RemoteSigned for the install, Restricted again after it, and says what the article recommends',
    exitCode: 0,
    outcome: 'changed',
    more: ({ result, server, after }) => {
      expect(settings(result, server)).toEqual([
        'setting.changed execution-policy Restricted -> RemoteSigned',
        'setting.restored execution-policy RemoteSigned -> Restricted',
      ])
      expect(after.servers[server]?.executionPolicy.LocalMachine).toBe('Restricted')
      expect(stepEnd(result, server, 'verify')).toMatchObject({
        note: expect.stringContaining('recommends RemoteSigned'),
      })
    },
  },
  {
    fault: 'services-not-started',
    says: 'starts them again, and notes why they did not',
    exitCode: 0,
    outcome: 'changed',
    more: ({ result, server }) => {
      expect(diagnoses(result, server)).toContainEqual(expect.objectContaining({ id: 'services-not-started' }))
      expect(stepEnd(result, server, 'services')).toMatchObject({
        outcome: 'changed',
        note: expect.stringContaining('started MSExchange'),
      })
    },
  },
  {
    fault: 'services-disabled',
    says: 'each start type is put back from the snapshot',
    exitCode: 0,
    outcome: 'changed',
    more: ({ result, server }) => {
      const restored = settings(result, server).filter(text =>
        text.startsWith('setting.restored start-type Disabled -> '),
      )
      expect(restored.length).toBeGreaterThanOrEqual(3)
    },
  },
  {
    fault: 'reboot-required',
    says: 'restarted, and waited for by its boot',
    exitCode: 0,
    outcome: 'changed',
    more: ({ result, server }) =>
      expect(stepEnd(result, server, 'reboot')).toMatchObject({ outcome: 'changed', note: 'restarted' }),
  },
  {
    fault: 'reboot-required',
    says: 'with reboot: never it is patched and says that a reboot is owed',
    args: ['--set', 'install.reboot=never'],
    exitCode: 0,
    outcome: 'changed',
    more: ({ result, server }) =>
      expect(serverEnd(result, server)).toMatchObject({ note: expect.stringContaining('a reboot is owed') }),
  },
  {
    fault: 'installer-busy',
    says: 'waits and tries again',
    exitCode: 0,
    outcome: 'changed',
    more: ({ result, server, after }) => {
      expect(result.events).toContainEqual(
        expect.objectContaining({ type: 'step.progress', server, note: expect.stringContaining('1618') }),
      )
      expect(after.servers[server]?.installsStarted).toBe(1)
    },
  },
  {
    fault: 'connection-drop',
    says: 'three cut connections, one install',
    exitCode: 0,
    outcome: 'changed',
    more: ({ server, after }) => expect(after.servers[server]?.installsStarted).toBe(1),
  },
  {
    fault: 'corrupt-transfer',
    says: 'noticed by SHA-256 and sent again',
    exitCode: 0,
    outcome: 'changed',
    more: ({ result, server }) =>
      expect(result.events).toContainEqual(
        expect.objectContaining({
          type: 'step.progress',
          server,
          step: 'stage',
          note: expect.stringContaining('damaged'),
        }),
      ),
  },
  {
    fault: 'slow',
    says: '300 ms a round trip changes nothing but the time',
    // A lease of ten server minutes has to outlast some round trips of real time.
    lab: ['--time-scale', '120'],
    exitCode: 0,
    outcome: 'changed',
  },
  {
    fault: 'superseded',
    says: 'is ok, and says by what',
    exitCode: 0,
    outcome: 'ok',
    leaves: 'untouched',
    more: ({ result, server }) =>
      expect(serverEnd(result, server)).toMatchObject({ note: expect.stringMatching(/superseded.*KB953467/) }),
  },
]

/** What precheck's refusal has to say, by fault. */
const refusals: [FaultName, string, RegExp][] = [
  ['wrong-architecture', 'wrong-architecture', /x86.*x64/],
  ['interim-update', 'interim-update', /Interim Update 1 .*KB999901/],
  ['gpo-execution-policy', 'gpo-execution-policy', /MachinePolicy is AllSigned/],
  ['not-elevated', 'not-elevated', /filtered token.*domain account/s],
  ['missing-cached-patch', 'missing-cached-patch', /\.msp is missing.*\{E2007081.*KB9.*repair-cache/s],
  ['missing-cached-package', 'missing-cached-package', /\.msi is missing.*\{24B2C164.*repair-cache/s],
  ['corruption', 'corruption', /recoverserver/],
  ['poisoned-service-state', 'poisoned-service-state', /ServiceState\.xml.*--from-defaults/s],
  ['disk-full', 'disk-full', /MB are free/],
  ['old-powershell', 'powershell-version', /PowerShell 1\.0.*KB968930/s],
]

const blocked: Row[] = refusals.map(([fault, block, words]) => ({
  fault,
  says: `blocked as ${block}, nothing written`,
  exitCode: 2,
  outcome: 'blocked',
  cause: block,
  leaves: 'untouched',
  more: ({ result, server }) => {
    const event = result.events.find(one => one.type === 'precheck.blocked' && one.server === server)
    expect(event).toMatchObject({ block, allowed: false })
    expect(event?.type === 'precheck.blocked' && `${event.message} ${event.remedy}`).toMatch(words)
  },
}))

const letThrough: Row[] = (
  [
    'wrong-architecture',
    'interim-update',
    'missing-cached-patch',
    'missing-cached-package',
    'corruption',
    'disk-full',
    'superseded',
  ] as const
).map(fault => ({
  fault,
  says: 'let through: the install fails and is explained by the same name',
  args: allow(fault),
  exitCode: 2,
  outcome: 'failed',
  cause: fault,
  more: ({ result, server }) =>
    expect(diagnoses(result, server)[0]).toMatchObject({
      id: fault,
      confidence: expect.stringMatching(/certain|likely/),
    }),
}))

const failing: Row[] = [
  {
    fault: 'poisoned-service-state',
    says: 'let through: the disabled state is not taken for the truth',
    args: allow('poisoned-service-state'),
    exitCode: 0,
    outcome: 'changed',
    leaves: 'guarded',
    more: ({ server, before, after }) => {
      const disabled = before.servers[server]?.services.filter(service => service.startType === 'Disabled') ?? []
      expect(disabled.length).toBeGreaterThan(1)
      const now = new Map(after.servers[server]?.services.map(service => [service.name, service]))
      expect(now.get('W3SVC')).toMatchObject({ startType: 'Automatic', state: 'Running' })
      expect(after.servers[server]?.tasks).toEqual([])
    },
  },
  {
    fault: 'execution-policy',
    says: 'with leave it fails as in the article',
    args: leave('execution_policy'),
    exitCode: 2,
    outcome: 'failed',
    cause: 'execution-policy',
    more: ({ result, server }) => {
      const evidence = JSON.stringify(diagnoses(result, server))
      expect(evidence).toContain('0x80070001')
      expect(evidence).toContain('CA_SAVEDATA_STOP_SERVICES. Return value 3')
    },
  },
  {
    fault: 'crl-unreachable',
    says: 'with leave it hangs: unknown, nothing killed',
    lab: fast,
    args: leave('crl_check'),
    exitCode: 2,
    outcome: 'unknown',
    cause: 'crl-check',
    leaves: 'guarded',
    more: ({ server, after }) => expect(after.servers[server]?.tasks.length).toBeGreaterThan(0),
  },
  {
    fault: 'stall',
    says: 'unknown, nothing killed, the guard stays armed',
    lab: fast,
    exitCode: 2,
    outcome: 'unknown',
    cause: 'stalled',
    leaves: 'guarded',
    more: ({ server, after }) => expect(after.servers[server]?.tasks.length).toBeGreaterThan(0),
  },
  {
    fault: 'stall',
    says: 'with on_stall: end the installer is asked to end, then as failed',
    lab: fast,
    args: ['--set', 'install.on_stall=end'],
    exitCode: 2,
    outcome: 'failed',
  },
  {
    fault: 'owa-broken',
    says: 'rc 0 is not believed: verify fails',
    exitCode: 2,
    outcome: 'failed',
    cause: 'owa-broken',
    more: ({ result, server }) =>
      expect(stepEnd(result, server, 'verify')).toMatchObject({
        outcome: 'failed',
        error: { code: 'VERIFY_FAILED', message: expect.stringContaining('Error updating OWA/ECP') },
      }),
  },
  {
    fault: 'service-stop-failed',
    says: 'names the service, from ServiceControl.log, and puts the others back',
    exitCode: 2,
    outcome: 'failed',
    cause: 'service-stop-failed',
    more: ({ result, server }) =>
      expect(diagnoses(result, server)[0]).toMatchObject({ title: expect.stringContaining('MSExchangeServiceHost') }),
  },
  {
    fault: 'gpo-execution-policy',
    says: 'let through: what the failed install saved of the services is set aside, so that it stands in no later way',
    args: allow('gpo-execution-policy'),
    exitCode: 2,
    outcome: 'failed',
    cause: 'gpo-execution-policy',
    more: ({ result, server }) =>
      expect(result.events).toContainEqual(
        expect.objectContaining({
          type: 'step.progress',
          server,
          step: 'services',
          note: expect.stringContaining('ServiceState.xml.old'),
        }),
      ),
  },
  {
    fault: 'reboot-mid-install',
    says: 'settings and start types are put back, nothing is started on mixed files',
    exitCode: 2,
    outcome: 'failed',
    cause: 'interrupted',
    leaves: 'stopped',
  },
  {
    fault: 'restore-refused',
    says: 'stuck, exit 6, and the rest of the fleet is patched',
    exitCode: 6,
    outcome: 'changed',
    leaves: 'guarded',
    more: ({ result, server }) =>
      expect(settings(result, server)).toContainEqual(expect.stringMatching(/^setting\.stuck crl /)),
  },
]

const unreachable: Row[] = (
  [
    ['unreachable', 'CONNECT_FAILED'],
    ['auth-failure', 'AUTH_FAILED'],
    ['host-key-changed', 'HOST_KEY_CHANGED'],
  ] as const
).map(([fault, code]) => ({
  fault,
  says: `unreachable with code ${code}`,
  exitCode: 2,
  outcome: 'unreachable',
  leaves: 'untouched',
  more: ({ result, server }) => {
    const connect = stepEnd(result, server, 'connect')
    expect(connect).toMatchObject({ outcome: 'failed', error: { code } })
    const prints = JSON.stringify(connect).match(/SHA256:/g)?.length ?? 0
    expect(prints >= 2).toBe(code === 'HOST_KEY_CHANGED')
  },
}))

const server = 'ex-cas-01'
const noBudget = ['--set', 'rollout.max_fail=100%']
/** `EXROLL_TEST_TRANSPORT=mixed` plays the same table with the faulty server behind WinRM. */
const transport = process.env.EXROLL_TEST_TRANSPORT ?? 'ssh'

/** Two servers, the fault on one of them; a failure may not stop the other for the budget's sake. */
async function play({ fault, args = [], lab: words = [] }: Row): Promise<Seen> {
  return withLab(
    [
      ...['--servers', '2', '--seed', '11', '--transport', transport, '--fault', `${fault}@${server}`],
      ...pace,
      ...words,
    ],
    async lab => {
      const before = await lab.state()
      const result = await run(lab, [...noBudget, ...args])
      return { server, before, after: await lab.state(), result }
    },
  )
}

async function withLab<T>(words: string[], use: (lab: LabProcess) => Promise<T>): Promise<T> {
  const lab = await labUp(words)
  try {
    return await use(lab)
  } finally {
    await lab.end()
  }
}

function check({ exitCode, outcome, cause, leaves = 'as-before', more }: Row, seen: Seen): void {
  const { result, before, after } = seen
  expect(result.outcomes[server], result.stderr).toBe(outcome)
  expect(result.exitCode, result.stderr).toBe(exitCode)
  if (cause !== undefined) expect(result.causes[server]).toBe(cause)
  expect(after.servers[server]?.installsStarted).toBeLessThanOrEqual(1)
  const different = differences(before, after, server)
  if (leaves === 'as-before') expect(different).toEqual([])
  if (leaves === 'stopped') expect(different.filter(text => !text.endsWith('does not run'))).toEqual([])
  if (leaves === 'stopped') expect(different).not.toEqual([])
  if (leaves === 'untouched') {
    expect(after.servers[server]?.writes).toBe(0)
    expect(after.servers[server]?.digest).toBe(before.servers[server]?.digest)
  }
  more?.(seen)
  for (const name of Object.keys(result.outcomes).filter(name => name !== server)) {
    expect(result.outcomes[name], `${name}: ${result.stderr}`).toBe('changed')
    expect(differences(before, after, name)).toEqual([])
  }
}

function settings(result: RunResult, name: string): string[] {
  return result.events
    .filter((event): event is Extract<RunEvent, { setting: unknown }> => event.type.startsWith('setting.'))
    .filter(event => event.server === name)
    .map(event => `${event.type} ${event.setting} ${event.from} -> ${event.to}`)
}

function diagnoses(result: RunResult, name: string) {
  return result.events.filter(event => event.type === 'diagnosis.made').filter(event => event.server === name)
}

function stepEnd(result: RunResult, name: string, step: string) {
  return result.events.find(event => event.type === 'step.finished' && event.server === name && event.step === step)
}

function serverEnd(result: RunResult, name: string) {
  return result.events.find(event => event.type === 'server.finished' && event.server === name)
}

describe.each([
  ['that a run cures by itself', cured],
  ['that precheck refuses', blocked],
  ['that precheck refuses, and is told to let through', letThrough],
  ['that leave a server to look at', failing],
  ['that keep a run out', unreachable],
] as const)('faults %s', (_kind, rows) => {
  const named = rows.map(row => ({ ...row, name: `${row.fault}: ${row.says}` }))
  it.concurrent.for(named)('$name', { timeout: 120_000 }, async row => check(row, await play(row)))
})

describe('a server that restarted in the middle of its install', () => {
  it('is patched by resume --retry-failed, and then runs what ran before the first attempt', () =>
    withLab([...['--servers', '1', '--seed', '11', '--fault', 'reboot-mid-install'], ...pace], async lab => {
      const before = await lab.state()
      const first = await run(lab)
      expect(first.causes['ex-mbx-01']).toBe('interrupted')
      const resumed = await exroll(['resume', first.folder, '--retry-failed', '--ui', 'ndjson']).ended
      expect(resumed.exitCode, resumed.stderr).toBe(0)
      expect(decodeEvents(resumed.stdout).events).toContainEqual(
        expect.objectContaining({ type: 'server.finished', server: 'ex-mbx-01', outcome: 'changed' }),
      )
      const after = await lab.state()
      expect(after.servers['ex-mbx-01']).toMatchObject({ build: '8.1.311.3', installsStarted: 2 })
      expect(differences(before, after, 'ex-mbx-01')).toEqual(['ex-mbx-01: 2 installs were started'])
    }))
})

describe('a fault of every server', () => {
  it('exits 4 when nobody could be reached', () =>
    withLab(['--servers', '2', '--seed', '3', '--fault', 'auth-failure'], async lab => {
      expect((await run(lab)).exitCode).toBe(4)
    }))
})

describe('three faults at once', () => {
  it('keeps each row apart', () =>
    withLab(
      [
        ...['--servers', '8', '--seed', '5', ...pace],
        ...['--fault', 'crl-unreachable@ex-hub-01', '--fault', 'interim-update@ex-cas-02'],
        ...['--fault', 'services-disabled@ex-um-01'],
      ],
      async lab => {
        const before = await lab.state()
        const result = await run(lab, noBudget)
        const after = await lab.state()
        expect(result.exitCode, result.stderr).toBe(2)
        expect(result.outcomes).toMatchObject({ 'ex-hub-01': 'changed', 'ex-cas-02': 'blocked', 'ex-um-01': 'changed' })
        expect(result.causes['ex-cas-02']).toBe('interim-update')
        expect(settings(result, 'ex-hub-01')).toHaveLength(2)
        expect(settings(result, 'ex-um-01').every(text => text.startsWith('setting.restored start-type'))).toBe(true)
        for (const name of Object.keys(after.servers)) expect(differences(before, after, name)).toEqual([])
      },
    ))

  it('on one server: what can be cured is cured, and what is left names itself', () =>
    withLab(
      [
        ...['--servers', '1', '--seed', '5', ...pace, '--fault', 'crl-unreachable'],
        ...['--fault', 'execution-policy', '--fault', 'missing-cached-patch'],
      ],
      async lab => {
        const before = await lab.state()
        const result = await run(lab, allow('missing-cached-patch'))
        const after = await lab.state()
        expect(result.causes['ex-mbx-01']).toBe('missing-cached-patch')
        expect(settings(result, 'ex-mbx-01').filter(text => text.startsWith('setting.restored'))).toHaveLength(2)
        expect(differences(before, after, 'ex-mbx-01')).toEqual([])
      },
    ))
})
