import { beforeAll, describe, expect, it } from 'vitest'
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
  guardLooks,
  guardTask,
  jobTask,
  minutesPass,
  progress,
  reboot,
  registerGuard,
  run,
  snapshot,
  stagedPackage,
  startJob,
  stopAndDisable,
} from './memory-server/steps.js'
import { places, systemSid, type WorldOptions } from './memory-server/world.js'

const cutOff: WorldOptions = { crl: false, registry: { [places.crl]: 0x23c00 } }
const restore = call('Restore-ServerState', { Run: run, ServiceTimeoutSeconds: 60 })
const unregister = call('Unregister-Guard', { Run: run })

/** The power goes while msiexec runs: settings are off, services stopped and disabled. */
const cutInside = `${stopAndDisable}; $global:World.killed = 'msiexec'; break power`

function armed(world: WorldOptions, ...steps: Step[]): Case {
  return { world, files: stagedPackage, steps: [snapshot(), registerGuard(), ...steps] }
}

const cut: WorldOptions = { ...cutOff, installer: cutInside }
const inProgress = { ps: '$global:World.inProgress = $true' }
const noMutex = { ps: '$global:World.mutex = $false' }
const logGrows = { ps: "[IO.File]::AppendAllText($global:World.logPath, 'more')" }

const cases = {
  idle: armed({}, guardLooks, minutesPass(11), guardLooks),
  again: armed({}, registerGuard()),
  other: armed({}, snapshot('other'), registerGuard('other')),
  noSnapshot: { steps: [registerGuard()] },
  unsafeFolder: { world: { folderFault: 'BUILTIN\\Users may write' }, steps: [snapshot()] },
  cutFolder: {
    world: { killAt: 1 },
    steps: [snapshot(), snapshot()],
  },
  intruder: { world: { intruder: true }, steps: [snapshot()] },
  badRun: { steps: [snapshot('..\\..\\Windows')] },
  // 1: the job's process lives, however old the lease is.
  jobLives: armed(
    {
      ...cutOff,
      hangs: 1,
      meanwhile: `$global:World.uptime += 7200000; $global:World.mutex = $false; Invoke-Task '${guardTask}'; [void]$global:World.deeds.Add('seen: ' + $global:World.registry['${places.crl}'])`,
    },
    startJob(),
  ),
  // 2: an installer without its job.
  mutex: armed(cut, startJob(), minutesPass(60), guardLooks, noMutex, guardLooks),
  growing: armed(
    cut,
    startJob(),
    noMutex,
    inProgress,
    logGrows,
    minutesPass(60),
    guardLooks,
    minutesPass(5),
    logGrows,
    guardLooks,
    minutesPass(5),
    guardLooks,
    minutesPass(6),
    guardLooks,
  ),
  inProgressWithoutLog: armed(cut, startJob(), noMutex, inProgress, minutesPass(60), guardLooks),
  // 3: the lease.
  fresh: armed(
    cut,
    startJob(),
    noMutex,
    minutesPass(9),
    guardLooks,
    progress(),
    minutesPass(9),
    guardLooks,
    minutesPass(2),
    guardLooks,
  ),
  rebooted: armed(cut, startJob(), reboot(1), guardLooks, minutesPass(10), guardLooks),
  // 4 and 5: restore, read back, disarm or stay.
  abandoned: armed({ ...cutOff, installer: `${stopAndDisable}; 0` }, startJob(), minutesPass(11), guardLooks),
  refused: armed(
    { ...cutOff, refuse: 'set *State*=146432' },
    startJob(),
    minutesPass(11),
    guardLooks,
    guardLooks,
    { ps: "$global:World.refuse = 'none'" },
    guardLooks,
  ),
  foreign: armed(
    { ...cut },
    startJob(),
    noMutex,
    { ps: `$global:World.registry['${places.crl}'] = [long]0x10` },
    minutesPass(11),
    guardLooks,
  ),
  serviceDown: armed(
    { installer: `${stopAndDisable}; 0`, refuse: 'configure W3SVC' },
    startJob(),
    minutesPass(11),
    guardLooks,
    { ps: "$global:World.refuse = 'none'" },
    guardLooks,
  ),
  halfDisarmed: armed(
    {},
    { ps: `$global:World.logPath = $global:World.tasks['${guardTask}']` },
    unregister,
    { ps: `$global:World.tasks['${guardTask}'] = $global:World.logPath` },
    guardLooks,
  ),
  damagedSnapshot: armed(
    cut,
    startJob(),
    noMutex,
    minutesPass(11),
    {
      ps: `$file = @([IO.Directory]::GetFiles($global:World.root, 'snapshot', 'AllDirectories'))[0]; [IO.File]::WriteAllText($file, 'exroll-snapshot 1')`,
    },
    guardLooks,
  ),
  changedScript: armed(
    cut,
    startJob(),
    noMutex,
    minutesPass(11),
    {
      ps: `$file = @([IO.Directory]::GetFiles($global:World.root, 'guard.ps1', 'AllDirectories'))[0]; [IO.File]::AppendAllText($file, '# more')`,
    },
    guardLooks,
  ),
  called: armed(cut, startJob(), restore, noMutex, restore, restore),
  calledForAnother: armed(
    {},
    snapshot('other'),
    call('Restore-ServerState', { Run: 'other', ServiceTimeoutSeconds: 60 }),
  ),
  calledAfterEnd: armed(
    { ...cutOff, refuse: 'set *State*=146432' },
    startJob(),
    restore,
    { ps: "$global:World.refuse = 'none'" },
    restore,
  ),
} satisfies Record<string, Case>

describe.skipIf(powershellHost() === undefined)(`the guard in a real PowerShell ${missingHostReason()}`, () => {
  const results: Record<string, StepResult[]> = {}
  const step = (name: keyof typeof cases, index: number): StepResult => {
    const result = results[name]?.at(index)
    if (result === undefined) throw new Error(`no step ${index} of ${name}`)
    return result
  }
  const after = (name: keyof typeof cases, index = -1): WorldState => step(name, index).world
  const crl = (name: keyof typeof cases, index = -1) => after(name, index).registry[places.crl]
  const guardSaid = (name: keyof typeof cases) =>
    after(name).journal.flatMap(entry => (entry.type === 'guard' ? [entry.action] : []))

  beforeAll(async () => {
    const all = await runCases(Object.values(cases))
    for (const [index, name] of Object.keys(cases).entries()) results[name] = all[index] ?? []
  }, hostsTimeoutMs)

  it('runs without a fault in every case but those that are about one', () => {
    const faults = Object.entries(results).flatMap(([name, steps]) =>
      steps.filter(({ problem }) => problem !== '').map(() => name),
    )
    expect(faults).toEqual(['damagedSnapshot', 'changedScript'])
  })

  it('is armed once, and says the same when it is asked again', () => {
    expect(answer('Register-Guard', step('again', 1))).toEqual({ armed: true, tasks: [guardTask] })
    expect(answer('Register-Guard', step('again', 2))).toEqual({ armed: true, tasks: [guardTask] })
    expect(guardSaid('again')).toEqual(['armed'])
  })

  it('refuses a second run, names the first, and leaves no task of it', () => {
    expect(refusal(step('other', -1))).toMatchObject({ code: 'RUN_ARMED', message: expect.stringContaining(run) })
    expect(after('other').tasks).toEqual([guardTask])
  })

  it('is not armed without a snapshot', () => {
    expect(refusal(step('noSnapshot', 0)).code).toBe('NO_SNAPSHOT')
    expect(after('noSnapshot').tasks).toEqual([])
  })

  it('trusts no state folder that others can write to, and no name that leads elsewhere', () => {
    expect(refusal(step('unsafeFolder', 0))).toMatchObject({
      code: 'STATE_FOLDER_UNSAFE',
      message: expect.stringContaining('BUILTIN\\Users may write'),
    })
    expect(refusal(step('badRun', 0)).code).toBe('RUN_NAME')
    expect(after('badRun').files).toEqual(['ProgramData/.keep'])
  })

  it('has a state folder only once its access list is right, and takes none into which somebody put something', () => {
    expect(after('cutFolder', 0)).toMatchObject({ killed: 'Protect-Folder' })
    expect(answer('New-Snapshot', step('cutFolder', 1)).created).toBe(true)
    expect(refusal(step('intruder', 0)).code).toBe('STATE_FOLDER_UNSAFE')
    expect(after('intruder').files.filter(file => file.startsWith('ProgramData/exroll/'))).toEqual([])
  })

  it('is a task that starts with the server and every five minutes, at more than the default priority, for ever', () => {
    const { xml } = after('again')
    for (const part of [
      '<BootTrigger>',
      '<Interval>PT5M</Interval>',
      '<Priority>4</Priority>',
      '<ExecutionTimeLimit>PT0S</ExecutionTimeLimit>',
      '<MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>',
      '<RunLevel>HighestAvailable</RunLevel>',
      '<UserId>S-1-5-18</UserId>',
    ]) {
      expect(xml).toContain(part)
    }
  })

  it('does nothing while somebody follows, and takes itself away when nobody does and all is right', () => {
    expect(after('idle', 2).tasks).toEqual([guardTask])
    expect(after('idle').tasks).toEqual([])
    expect(guardSaid('idle')).toEqual(['armed', 'restored', 'disarmed'])
    expect(after('idle').events.map(({ id }) => id)).toEqual([3, 1, 4])
    expect(after('idle').files.some(file => file.endsWith('exroll/armed'))).toBe(false)
  })

  it('1: does nothing while the job lives, however old the lease is', () => {
    expect(after('jobLives').deeds).toContain(`seen: ${0x23e00}`)
    expect(crl('jobLives')).toBe(0x23c00)
  })

  it('2: does nothing while the installer holds its mutex, and restores after', () => {
    expect(crl('mutex', 4)).toBe(0x23e00)
    expect(crl('mutex')).toBe(0x23c00)
  })

  it('2: takes InProgress for a running transaction only while the log grows', () => {
    expect(crl('growing', 7)).toBe(0x23e00)
    expect(crl('growing', 10)).toBe(0x23e00)
    expect(crl('growing', 12)).toBe(0x23e00)
    expect(crl('growing')).toBe(0x23c00)
    expect(crl('inProgressWithoutLog')).toBe(0x23c00)
  })

  it('3: holds back for ten minutes after each look of whoever follows', () => {
    expect(crl('fresh', 5)).toBe(0x23e00)
    expect(crl('fresh', 8)).toBe(0x23e00)
    expect(crl('fresh')).toBe(0x23c00)
  })

  it('3: gives whoever followed the whole lease to come back after a restart', () => {
    expect(crl('rebooted', 4)).toBe(0x23e00)
    expect(crl('rebooted')).toBe(0x23c00)
  })

  it('4: puts settings, start types and services back when the install has ended', () => {
    expect(after('abandoned').services).toMatchObject({
      MSExchangeIS: 'Automatic Running',
      W3SVC: 'AutomaticDelayed Running',
      MSExchangeIMAP4: 'Manual Stopped',
      RemoteRegistry: 'Disabled Stopped',
    })
    expect(after('abandoned').tasks).toEqual([])
  })

  it('4: starts nothing on half-written files', () => {
    expect(after('rebooted').services).toMatchObject({
      MSExchangeIS: 'Automatic Stopped',
      W3SVC: 'AutomaticDelayed Stopped',
    })
    expect(after('rebooted').deeds.filter(deed => deed.startsWith('start '))).toEqual([])
    expect(after('rebooted').tasks).toEqual([])
  })

  it('4: leaves a value that somebody else set since, says so, and goes', () => {
    expect(crl('foreign')).toBe(0x10)
    expect(after('foreign').journal).toContainEqual(
      expect.objectContaining({ type: 'setting', change: 'foreign', by: 'guard', from: 0x10, to: 0x23c00 }),
    )
    expect(after('foreign').tasks).toEqual([])
  })

  it('5: stays armed while a value is refused, says so once, and cures it once it is allowed', () => {
    expect(after('refused', 5).tasks).toContain(guardTask)
    expect(guardSaid('refused')).toEqual(['armed', 'stuck', 'restored', 'disarmed'])
    expect(after('refused').journal.filter(entry => entry.type === 'setting' && entry.change === 'stuck')).toHaveLength(
      2,
    )
    expect(crl('refused')).toBe(0x23c00)
    expect(after('refused').tasks).toEqual([])
  })

  it('5: stays armed while a service that ran is down', () => {
    expect(after('serviceDown', 4).tasks).toContain(guardTask)
    expect(after('serviceDown').services.W3SVC).toBe('AutomaticDelayed Running')
    expect(after('serviceDown').tasks).toEqual([])
  })

  it('takes its own task away when it was disarmed only by half', () => {
    expect(after('halfDisarmed').tasks).toEqual([])
  })

  it('puts settings back even where the snapshot is damaged, and stays for the rest', () => {
    expect(crl('damagedSnapshot')).toBe(0x23c00)
    expect(step('damagedSnapshot', -1).problem).toContain('is not whole')
    expect(after('damagedSnapshot').tasks).toContain(guardTask)
  })

  it('runs no script that is not the one it came with', () => {
    expect(step('changedScript', -1).problem).toContain('the script was changed')
    expect(crl('changedScript')).toBe(0x23e00)
  })

  it('is not hurried by a call while the installer is at work, and a call may come twice', () => {
    expect(refusal(step('called', 3)).code).toBe('RESTORE_BUSY')
    const { restored, stuck, disarmed } = answer('Restore-ServerState', step('called', 5))
    expect({ stuck, disarmed }).toEqual({ stuck: [], disarmed: true })
    expect(restored.map(({ setting, scope, to }) => `${setting} ${scope} ${to}`)).toEqual([
      `crl ${systemSid} ${0x23c00}`,
      'execution-policy LocalMachine null',
      'execution-policy LocalMachine32 null',
      'start-type MSExchangeIS Automatic',
      'start-type MSExchangeADTopology Automatic',
      'start-type MSExchangeIMAP4 Manual',
      'start-type W3SVC AutomaticDelayed',
    ])
    expect(answer('Restore-ServerState', step('called', 6))).toMatchObject({ restored: [], stuck: [], disarmed: true })
  })

  it('puts nothing back for one run while another is armed', () => {
    expect(refusal(step('calledForAnother', -1))).toMatchObject({
      code: 'RESTORE_BUSY',
      message: expect.stringContaining(run),
    })
  })

  it('names what a call could not put back, and disarms when a later one can', () => {
    expect(answer('Restore-ServerState', step('calledAfterEnd', 3))).toMatchObject({
      restored: [],
      stuck: [{ setting: 'crl', from: 0x23e00, to: 0x23c00 }],
      disarmed: false,
    })
    expect(answer('Restore-ServerState', step('calledAfterEnd', 5))).toMatchObject({ stuck: [], disarmed: true })
    expect(after('calledAfterEnd').tasks).not.toContain(jobTask)
  })
})
