import { beforeAll, describe, expect, it } from 'vitest'
import type { JobEntry } from '../../src/scripts/catalog.js'
import { missingHostReason, powershellHost } from '../powershell-host/host.js'
import {
  answer,
  type Case,
  call,
  hostsTimeoutMs,
  refusal,
  runCases,
  type Step,
  type StepResult,
  type WorldState,
} from './memory-server/cases.js'
import {
  guardTask,
  packageFile,
  progress,
  registerGuard,
  run,
  snapshot,
  stagedPackage,
  startJob,
  stopAndDisable,
} from './memory-server/steps.js'
import { places, systemSid, type WorldOptions } from './memory-server/world.js'

/** What a registry value is while msiexec runs: the double's deeds say so. */
const recordCrl = `[void]$global:World.deeds.Add('during: ' + $global:World.registry['${places.crl}'] + '/' + $global:World.registry['${places.policy}'])`

function whole(world: WorldOptions, ...steps: Step[]): Case {
  return { world, files: stagedPackage, steps: [snapshot(), registerGuard(), ...steps] }
}

const busyUntil = (count: number) => `if ($global:World.installs -lt ${count}) { 1618 } else { 0 }`

const cases = {
  plain: whole({}, startJob(), progress()),
  cutOff: whole({ crl: false, registry: { [places.crl]: 0x23c00 }, installer: `${recordCrl}; 0` }, startJob()),
  cutOffAbsent: whole({ crl: false, installer: `${recordCrl}; 0` }, startJob()),
  cutOffHardened: whole({ crl: false, registry: { [places.crl]: 0x100 }, installer: `${recordCrl}; 0` }, startJob()),
  offAlready: whole({ crl: false, registry: { [places.crl]: 0x23e00 } }, startJob()),
  unknownReach: whole({ crl: null, registry: { [places.crl]: 0x23c00 } }, startJob()),
  told: whole({ crl: false, registry: { [places.crl]: 0x23c00 } }, startJob({ CrlCheck: 'leave' })),
  always: whole(
    { registry: { [places.crl]: 0x23c00 }, installer: `${recordCrl}; 0` },
    startJob({ CrlCheck: 'off-during-install' }),
  ),
  serverCertificates: whole({}, startJob({ ServerCertificateRevocation: 'off-during-install' })),
  restricted: whole(
    { registry: { [places.policy]: 'Restricted', [places.policy32]: 'Restricted' }, installer: `${recordCrl}; 0` },
    startJob(),
  ),
  undefinedPolicy: whole({}, startJob()),
  newWindows: whole({ osVersion: '6.3.9600' }, startJob()),
  only32: whole({ registry: { [places.policy]: 'RemoteSigned', [places.policy32]: 'Restricted' } }, startJob()),
  groupPolicy: whole(
    { registry: { [places.machinePolicyOn]: 1, [places.machinePolicy]: 'AllSigned', [places.policy]: 'Restricted' } },
    startJob({ ExecutionPolicy: 'RemoteSigned' }),
  ),
  recommended: whole(
    { registry: { [places.policy]: 'Restricted' } },
    startJob({ CrlCheck: 'off-during-install', After: 'recommended' }),
    call('Unregister-Guard', { Run: run }),
  ),
  refused: whole({ crl: false, refuse: 'set *State*' }, startJob()),
  swallowed: whole({ crl: false, refuse: 'set *State*', refusal: 'silent' }, startJob()),
  stuck: whole(
    { crl: false, registry: { [places.crl]: 0x23c00 }, refuse: 'set *State*=146432' },
    startJob(),
    call('Unregister-Guard', { Run: run }),
  ),
  foreign: whole({ crl: false, installer: `$global:World.registry['${places.crl}'] = [long]0x40000; 0` }, startJob()),
  disables: whole(
    { installer: `${stopAndDisable}; 1603` },
    startJob(),
    call('Start-SnapshotService', { Run: run, TimeoutSeconds: 600 }),
  ),
  alone: whole({ installer: `${stopAndDisable}; $global:World.uptime += 3600000; 0` }, startJob()),
  busy: whole({ installer: busyUntil(3) }, startJob()),
  busyForEver: whole({ installer: '1618' }, startJob()),
  twice: whole({}, startJob(), startJob()),
  ended: whole(
    { hangs: 50, installer: '1602', meanwhile: `& $global:Scripts['Stop-InstallJob'] -Run '${run}'` },
    startJob(),
    call('Stop-InstallJob', { Run: run }),
  ),
  breaks: whole(
    {
      crl: false,
      registry: { [places.crl]: 0x23c00 },
      installer: "$global:World.mutex = $false; throw 'msiexec.exe is gone'",
    },
    startJob(),
  ),
  breaksBusy: whole({ crl: false, registry: { [places.crl]: 0x23c00 }, installer: "throw 'no answer'" }, startJob()),
  journalGone: whole(
    {
      crl: false,
      registry: { [places.crl]: 0x23c00 },
      installer: `${stopAndDisable}; $file = @([IO.Directory]::GetFiles($global:World.root, 'journal.ndjson', 'AllDirectories'))[0]; [IO.File]::Delete($file); [void][IO.Directory]::CreateDirectory($file); 0`,
    },
    startJob(),
  ),
  unguarded: { files: stagedPackage, steps: [snapshot(), startJob()] },
  damaged: { files: { [packageFile]: 'another package' }, steps: [snapshot(), registerGuard(), startJob()] },
  badName: whole({}, startJob({ LogName: '..\\x.log' })),
  badSwitch: whole({}, startJob({ LogSwitch: '/quiet PROPERTY=1' })),
  noScheduler: whole(
    {},
    { ps: '$global:World.scheduler = $false' },
    startJob(),
    { ps: '$global:World.scheduler = $true' },
    startJob(),
  ),
} satisfies Record<string, Case>

function words(entries: JobEntry[]): string[] {
  return entries.map(entry => {
    if (entry.type === 'step') return `${entry.step} ${entry.status === 'started' ? 'started' : entry.outcome}`
    if (entry.type === 'setting') return `${entry.change} ${entry.setting} ${entry.scope}`
    if (entry.type === 'ended') return `ended ${entry.exitCode}`
    return entry.type === 'exit' ? `exit ${entry.code}` : entry.type
  })
}

describe.skipIf(powershellHost() === undefined)(`the detached job in a real PowerShell ${missingHostReason()}`, () => {
  const results: Record<string, StepResult[]> = {}
  const step = (name: keyof typeof cases, index: number): StepResult => {
    const result = results[name]?.at(index)
    if (result === undefined) throw new Error(`no step ${index} of ${name}`)
    return result
  }
  const after = (name: keyof typeof cases): WorldState => step(name, -1).world
  const changes = (name: keyof typeof cases) => after(name).journal.filter(entry => entry.type === 'setting')

  beforeAll(async () => {
    const all = await runCases(Object.values(cases))
    for (const [index, name] of Object.keys(cases).entries()) results[name] = all[index] ?? []
  }, hostsTimeoutMs)

  it('does its steps in order, each in the journal', () => {
    expect(answer('Start-InstallJob', step('plain', 2)).started).toBe(true)
    const { entries, job, guard, log } = answer('Get-InstallProgress', step('plain', 3))
    expect(words(entries)).toEqual([
      'guard',
      'settings-on started',
      'changed execution-policy LocalMachine',
      'changed execution-policy LocalMachine32',
      'settings-on changed',
      'install started',
      'exit 0',
      'install changed',
      'settings-restore started',
      'restored execution-policy LocalMachine',
      'restored execution-policy LocalMachine32',
      'settings-restore changed',
      'services',
      'ended 0',
    ])
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1))
    expect({ job, guard, log }).toEqual({ job: 'ended', guard: 'armed', log: null })
  })

  it('streams each entry once before it answers', () => {
    const streamed = step('plain', 3).lines.flatMap(line => (line.type === 'progress' ? [line.entry] : []))
    expect(streamed).toEqual(answer('Get-InstallProgress', step('plain', 3)).entries)
  })

  it('asks msiexec to be quiet about it, under the name the package came with', () => {
    expect(after('plain').deeds).toContain('msiexec Exchange2007-KB952580-x64-EN.msp /lxv* 952580.log')
  })

  it.each([
    ['cutOff', 0x23c00, 0x23e00],
    ['cutOffAbsent', null, 0x23e00],
    ['cutOffHardened', 0x100, 0x300],
    ['always', 0x23c00, 0x23e00],
  ] as const)(
    '%s: sets bit 0x200 alone for the install, and puts back exactly what was there',
    (name, before, during) => {
      expect(after(name).deeds.find(deed => deed.startsWith('during: '))).toMatch(new RegExp(`^during: ${during}/`))
      expect(after(name).registry[places.crl] ?? null).toBe(before)
      expect(places.crl in after(name).registry).toBe(before !== null)
      expect(changes(name).filter(entry => entry.type === 'setting' && entry.setting === 'crl')).toMatchObject([
        { change: 'changed', by: 'job', scope: systemSid, from: before, to: during },
        { change: 'restored', by: 'job', scope: systemSid, from: during, to: before },
      ])
    },
  )

  it('leaves revocation checking alone where it is off, where it may be reached, and where it was told to', () => {
    for (const name of ['offAlready', 'unknownReach', 'told'] as const) {
      expect(after(name).deeds.filter(deed => deed.includes('State'))).toEqual([])
    }
  })

  it('turns server certificate revocation off and takes the value away again', () => {
    expect(after('serverCertificates').deeds.filter(deed => deed.includes('CertificateRevocation'))).toEqual([
      `set DWord ${places.serverCertificates}=0`,
      `remove ${places.serverCertificates}`,
    ])
  })

  it('lets scripts run in both views for the install and puts Restricted back', () => {
    expect(after('restricted').deeds).toContain('during: /RemoteSigned')
    expect(after('restricted').registry).toMatchObject({
      [places.policy]: 'Restricted',
      [places.policy32]: 'Restricted',
    })
    expect(words(changes('restricted'))).toHaveLength(4)
  })

  it('takes an undefined policy for what this Windows makes of it, and puts absence back', () => {
    expect(words(changes('undefinedPolicy'))).toContain('changed execution-policy LocalMachine')
    expect(after('undefinedPolicy').registry).not.toHaveProperty([places.policy])
    expect(changes('newWindows')).toEqual([])
  })

  it('does not let the 32-bit view decide, nor tries to override a Group Policy', () => {
    expect(changes('only32')).toEqual([])
    expect(changes('groupPolicy')).toEqual([])
  })

  it('leaves what the article recommends where it was asked to, and is then done', () => {
    expect(after('recommended').registry).toMatchObject({ [places.policy]: 'RemoteSigned', [places.crl]: 0x23c00 })
    expect(answer('Unregister-Guard', step('recommended', -1))).toMatchObject({ disarmed: true, outstanding: [] })
    expect(after('recommended').tasks).toEqual([])
  })

  it.each(['refused', 'swallowed'] as const)('%s: starts no install when a setting cannot be changed', name => {
    expect(after(name).installs).toBe(0)
    expect(words(after(name).journal)).toEqual(
      expect.arrayContaining(['settings-on failed', 'settings-restore ok', 'ended null']),
    )
    expect(after(name).journal).toContainEqual(
      expect.objectContaining({ step: 'settings-on', error: expect.objectContaining({ code: 'SETTING_REFUSED' }) }),
    )
  })

  it('says what it could not put back, and keeps the guard', () => {
    expect(words(changes('stuck'))).toContain(`stuck crl ${systemSid}`)
    expect(words(after('stuck').journal)).toContain('settings-restore failed')
    expect(answer('Unregister-Guard', step('stuck', -1))).toMatchObject({
      disarmed: false,
      outstanding: [{ setting: 'crl', scope: systemSid, from: 0x23e00, to: 0x23c00 }],
    })
    expect(after('stuck').tasks).toContain(guardTask)
  })

  it('leaves alone what somebody else set meanwhile, and says so', () => {
    expect(after('foreign').registry[places.crl]).toBe(0x40000)
    expect(words(changes('foreign'))).toContain(`foreign crl ${systemSid}`)
  })

  it('puts start types back, and services start in the order they need each other, only what ran', () => {
    expect(after('disables').services).toEqual({
      MSExchangeIS: 'Automatic Running',
      MSExchangeADTopology: 'Automatic Running',
      MSExchangeIMAP4: 'Manual Stopped',
      W3SVC: 'AutomaticDelayed Running',
      RemoteRegistry: 'Disabled Stopped',
    })
    const started = after('disables').deeds.filter(deed => deed.startsWith('start '))
    expect(started).toEqual(['start MSExchangeADTopology', 'start MSExchangeIS', 'start W3SVC'])
    expect(words(after('disables').journal)).toEqual(expect.arrayContaining(['exit 1603', 'install failed']))
  })

  it('starts services by itself when nobody follows, and leaves that to whoever does', () => {
    expect(after('alone').services.MSExchangeIS).toBe('Automatic Running')
    expect(step('disables', 2).world.services.MSExchangeIS).toBe('Automatic Stopped')
  })

  it('waits for a busy installer, says so once, and gives up in the end', () => {
    expect(after('busy').installs).toBe(3)
    expect(words(after('busy').journal).filter(word => word === 'note')).toHaveLength(1)
    expect(words(after('busy').journal)).toContain('install changed')
    expect(words(after('busyForEver').journal)).toEqual(expect.arrayContaining(['exit 1618', 'install failed']))
  })

  it('is never started twice', () => {
    expect(answer('Start-InstallJob', step('twice', 3)).started).toBe(false)
    expect(after('twice').installs).toBe(1)
  })

  it('asks its installer to end when it is told to, and restores', () => {
    expect(after('ended').deeds.filter(deed => deed === 'ask msiexec to end')).toHaveLength(1)
    expect(words(after('ended').journal)).toEqual(expect.arrayContaining(['exit 1602', 'settings-restore changed']))
    expect(answer('Stop-InstallJob', step('ended', -1))).toEqual({ asked: false })
  })

  it('restores when it breaks, but not under an installer that still runs', () => {
    expect(after('breaks').registry[places.crl]).toBe(0x23c00)
    expect(words(after('breaks').journal).at(-1)).toBe('ended null')
    expect(after('breaksBusy').registry[places.crl]).toBe(0x23e00)
    expect(words(after('breaksBusy').journal)).not.toContain('ended null')
  })

  it('puts settings and start types back even when it cannot write its journal any more', () => {
    expect(after('journalGone').registry).toEqual({ [places.crl]: 0x23c00 })
    expect(after('journalGone').services.MSExchangeIS).toMatch(/^Automatic /)
    expect(after('journalGone').events.map(({ id }) => id)).toEqual(expect.arrayContaining([6, 8]))
  })

  it.each([
    ['unguarded', 'GUARD_NOT_ARMED'],
    ['damaged', 'PACKAGE_DAMAGED'],
    ['badName', 'LOG_NAME'],
    ['badSwitch', 'LOG_SWITCH'],
  ] as const)('%s: is refused with %s and starts nothing', (name, code) => {
    expect(refusal(step(name, -1)).code).toBe(code)
    expect(after(name).installs).toBe(0)
  })

  it('says when the scheduler does not start it, and may be started again then', () => {
    expect(refusal(step('noScheduler', 3)).code).toBe('JOB_NOT_STARTED')
    expect(answer('Start-InstallJob', step('noScheduler', -1)).started).toBe(true)
    expect(after('noScheduler').installs).toBe(1)
  })

  it('writes every change and restore into the Application log', () => {
    const texts = after('cutOff').events.map(({ text }) => text)
    expect(texts).toEqual(
      expect.arrayContaining([
        `Run ${run}: crl ${systemSid} set for the install by the job: 0x23c00 -> 0x23e00`,
        `Run ${run}: crl ${systemSid} put back by the job: 0x23e00 -> 0x23c00`,
      ]),
    )
  })
})
