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
} from './memory-server/cases.js'
import {
  accountLogsOff,
  guardLooks,
  jobTask,
  minutesPass,
  registerGuard,
  run,
  searchFiles,
  stagedPackage,
  startJob,
  stopAndDisable,
} from './memory-server/steps.js'
import { accountCrl, jobCrl, jobName, jobSid, places, systemSid, type WorldOptions } from './memory-server/world.js'

const password = 'Pa ss"w0rd\'s $(secret)'
const managed = 'CONTOSO\\exroll$'
const win32 = 0x80070000
const profile = `HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\${jobSid}|ProfileImagePath|64`
const ownHive = `exroll-${jobSid}`

const accounts = { [jobName]: { sid: jobSid, password }, [managed]: { sid: `${jobSid}9` } }
const server: WorldOptions = { accounts }
/** No way to the CRL, and the account is logged on with checking on. */
const cutOff: WorldOptions = {
  accounts,
  crl: false,
  registry: { [places.crl]: 0x23c00, [jobCrl]: 0x23c00, [profile]: '%SystemDrive%\\Users\\exjob' },
}

const tried = (account = jobName, secret = password): Step =>
  call('Test-JobAccount', { Run: run, Account: account, AccountPassword: secret })
const started = startJob({ Account: jobName, AccountPassword: password })
const facts = (account = jobName): Step => call('Get-ServerFact', { Accounts: [systemSid], JobAccount: account })

/** Windows says no: when the task is registered, or when it is started. */
const refusing = (result: number): Case => ({
  world: { accounts: { [jobName]: { sid: jobSid, password, refusal: result } } },
  steps: [tried(), tried()],
})
const notStarting = (result: number): Case => ({ world: { ...server, starts: result }, steps: [tried()] })

const mutexFree: Step = { ps: '$global:World.mutex = $false' }
const cutInside = `${stopAndDisable}; break power`

const search = searchFiles(password)

function armed(world: WorldOptions, ...steps: Step[]): Case {
  return {
    world,
    files: stagedPackage,
    steps: [
      call('New-Snapshot', { Run: run, Accounts: [jobSid], Defaults: [], Before: '' }),
      registerGuard(),
      ...steps,
    ],
  }
}

const cut: WorldOptions = { ...cutOff, installer: cutInside }
const unregister = call('Unregister-Guard', { Run: run })
const verify = call('Test-Installation', { Run: run, ExpectedBuild: '', PatchCode: '' })
const startServices = call('Start-SnapshotService', { Run: run, TimeoutSeconds: 60 })
const leftover = call('Get-ServerLeftover', {})

const cases = {
  right: { world: server, steps: [tried(), tried()] },
  wrong: { world: server, steps: [tried(jobName, 'wrong'), tried(jobName, 'wrong'), tried()] },
  nobody: { world: server, steps: [tried('CONTOSO\\nobody')] },
  policy: refusing(win32 + 1312),
  unmapped: refusing(win32 + 1332),
  locked: refusing(win32 + 1909),
  odd: refusing(0x80041318),
  batch: notStarting(win32 + 1385),
  never: notStarting(0x41303),
  limited: { world: { ...server, token: 2 }, steps: [tried()] },
  old: { world: { ...server, osVersion: '5.2.3790' }, steps: [tried()] },
  managedOld: { world: { ...server, osVersion: '6.1.7601' }, steps: [tried(managed, '')] },
  managed: { world: { ...server, osVersion: '6.2.9200' }, steps: [tried(managed, '')] },
  managedRefused: {
    world: { osVersion: '6.3.9600', accounts: { [managed]: { sid: jobSid, refusal: win32 + 1326 } } },
    steps: [tried(managed, '')],
  },
  notElevated: { world: { ...server, elevated: false }, steps: [tried()] },
  // The whole job.
  job: armed(
    { ...cutOff, installer: `${stopAndDisable}; 0` },
    started,
    verify,
    accountLogsOff,
    verify,
    startServices,
    unregister,
    leftover,
  ),
  jobLoggedOff: armed({ accounts, crl: false, registry: {} }, started),
  jobBatch: armed({ ...cutOff, starts: win32 + 1385 }, started),
  jobWrong: armed(cutOff, startJob({ Account: jobName, AccountPassword: 'wrong' })),
  twice: armed({ ...cutOff, installer: '0' }, started, started),
  secret: armed(
    { ...cutOff, installer: '0' },
    tried(),
    search,
    started,
    search,
    call('Get-CollectableLog', { Run: run, Kinds: ['msi', 'events'] }),
    search,
  ),
  // The guard, with the account logged off.
  cut: armed(cut, started, mutexFree, leftover, accountLogsOff, leftover, minutesPass(11), guardLooks, guardLooks),
  cutLoggedOn: armed(cut, started, mutexFree, minutesPass(11), guardLooks),
  noFile: armed(
    { ...cut, hiveFault: 'ERROR: The process cannot access the file because it is being used by another process.' },
    started,
    mutexFree,
    accountLogsOff,
    minutesPass(11),
    guardLooks,
    guardLooks,
    { ps: "$global:World.hiveFault = ''" },
    guardLooks,
  ),
  noProfile: armed(
    { ...cut, registry: { [jobCrl]: 0x23c00 } },
    started,
    mutexFree,
    accountLogsOff,
    minutesPass(11),
    guardLooks,
  ),
  refused: armed(
    { ...cut, refuse: 'set *State*=146432' },
    started,
    mutexFree,
    accountLogsOff,
    minutesPass(11),
    guardLooks,
    { ps: "$global:World.refuse = 'none'" },
    guardLooks,
  ),
  foreign: armed(
    cut,
    started,
    mutexFree,
    { ps: `$global:World.registry['${jobCrl}'] = [long]0x10` },
    accountLogsOff,
    minutesPass(11),
    guardLooks,
  ),
  held: armed({ ...cut, hiveHeld: 3 }, started, mutexFree, accountLogsOff, minutesPass(11), guardLooks),
  // A look that was cut short left the file mounted.
  mountedBefore: armed(
    cut,
    started,
    mutexFree,
    accountLogsOff,
    { ps: `Mount-UserHive '${ownHive}' 'C:\\Users\\exjob'` },
    minutesPass(11),
    guardLooks,
  ),
  byCall: armed(
    cut,
    started,
    mutexFree,
    accountLogsOff,
    call('Restore-ServerState', { Run: run, ServiceTimeoutSeconds: 60 }),
  ),
  absent: armed(
    { ...cut, registry: { [`HKU\\${jobSid}\\Software|x|64`]: 1, [profile]: 'C:\\Users\\exjob' } },
    started,
    mutexFree,
    accountLogsOff,
    minutesPass(11),
    guardLooks,
  ),
  factsMounted: { world: cutOff, steps: [facts()] },
  factsUnmounted: { world: { ...server, registry: { [places.crl]: 0 } }, steps: [facts()] },
  factsNobody: { world: server, steps: [facts('CONTOSO\\nobody')] },
  factsPolicy: {
    world: {
      accounts: { [jobName]: { sid: jobSid, administrator: false } },
      registry: { 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa|DisableDomainCreds|64': 1 },
    },
    steps: [facts()],
  },
} satisfies Record<string, Case>
type Name = keyof typeof cases

describe.skipIf(powershellHost() === undefined)(
  `an account that installs run as, in a real PowerShell ${missingHostReason()}`,
  () => {
    const results: Partial<Record<Name, StepResult[] | undefined>> = {}
    const step = (name: Name, index: number) => results[name]?.at(index)
    const world = (name: Name, index = -1) => {
      const found = step(name, index)?.world
      if (found === undefined) throw new Error(`no step ${index} in ${name}`)
      return found
    }
    const logons = (name: Name) => world(name).deeds.filter(deed => deed.startsWith('logon of')).length
    const said = (name: Name, index = -1) => JSON.stringify(world(name, index).journal)

    beforeAll(async () => {
      const all = await runCases(Object.values(cases))
      for (const [index, name] of (Object.keys(cases) as Name[]).entries()) results[name] = all[index]
    }, hostsTimeoutMs)

    describe('is tried before anything is changed', () => {
      it('with a task that runs for a moment and is taken away, once however often it is asked', () => {
        expect(answer('Test-JobAccount', step('right', 0))).toEqual({ sid: jobSid })
        expect(answer('Test-JobAccount', step('right', 1))).toEqual({ sid: jobSid })
        expect(logons('right')).toBe(1)
        expect(world('right').tasks).toEqual([])
        expect(world('right').registry).toEqual({})
        expect(world('right').xml).toContain(`<UserId>${jobSid}</UserId><LogonType>Password</LogonType>`)
      })

      it('and a wrong password is tried once, also when the answer was lost and the right one comes after it', () => {
        for (const index of [0, 1, 2]) {
          expect(refusal(step('wrong', index))).toMatchObject({
            code: 'JOB_ACCOUNT_REFUSED',
            message: `the user name or password of ${jobName} is wrong (0x8007052e); it was tried once`,
          })
        }
        expect(logons('wrong')).toBe(1)
      })

      it.each([
        ['nobody', 'JOB_ACCOUNT_UNKNOWN', 'means nobody on this server'],
        ['policy', 'JOB_ACCOUNT_POLICY', 'stores no passwords'],
        ['unmapped', 'JOB_ACCOUNT_UNKNOWN', 'means nobody'],
        ['locked', 'JOB_ACCOUNT_REFUSED', 'does not let CONTOSO\\exjob log on (0x80070775): refused'],
        ['odd', 'JOB_ACCOUNT_FAILED', '(0x80041318)'],
        ['batch', 'JOB_ACCOUNT_BATCH', 'may not log on as a batch job on this server (0x80070569)'],
        ['never', 'JOB_ACCOUNT_FAILED', '(0x41303): its task did not run'],
        ['limited', 'JOB_ACCOUNT_RIGHTS', 'is not in the Administrators group'],
        ['old', 'JOB_ACCOUNT_UNSUPPORTED', 'Windows 2003'],
        ['managedOld', 'JOB_ACCOUNT_UNSUPPORTED', 'Windows Server 2012'],
        ['managedRefused', 'JOB_ACCOUNT_REFUSED', 'does not give this server the password'],
        ['notElevated', 'ACCESS_DENIED', 'needs a full token'],
      ] as const)('%s: %s', (name, code, words) => {
        const { message, hint = '', ...rest } = refusal(step(name, 0))
        expect(rest).toEqual({ code })
        expect(message).toContain(words)
        expect(hint).not.toBe('')
        expect(world(name).tasks).toEqual([])
      })

      it('without a password where the domain keeps it', () => {
        expect(answer('Test-JobAccount', step('managed', 0))).toEqual({ sid: `${jobSid}9` })
      })
    })

    describe('runs the job', () => {
      it('with its own revocation setting turned off and put back, and not SYSTEM’s', () => {
        expect(answer('Start-InstallJob', step('job', 2))).toMatchObject({ started: true })
        const settings = world('job', 2).journal.flatMap(entry =>
          entry.type === 'setting' && entry.setting === 'crl'
            ? [[entry.change, entry.scope, entry.from, entry.to]]
            : [],
        )
        expect(settings).toEqual([
          ['changed', jobSid, 0x23c00, 0x23e00],
          ['restored', jobSid, 0x23e00, 0x23c00],
        ])
        expect(world('job', 2).registry).toMatchObject({ [jobCrl]: 0x23c00, [places.crl]: 0x23c00 })
        expect(world('job').installs).toBe(1)
      })

      it('and takes a snapshot of its own before its first change', () => {
        expect(world('job').files.some(file => file.endsWith(`${run}/snapshot.account`))).toBe(true)
        expect(world('jobBatch').files.some(file => file.endsWith('snapshot.account'))).toBe(false)
      })

      it('and once it has logged off nothing of it is a difference, or keeps the guard', () => {
        for (const index of [3, 5]) expect(answer('Test-Installation', step('job', index)).differing).toEqual([])
        expect(answer('Unregister-Guard', step('job', 7))).toMatchObject({ disarmed: true, outstanding: [] })
        expect(answer('Get-ServerLeftover', step('job', 8)).runs).toMatchObject([
          { armed: false, outstanding: [], tasks: [] },
        ])
        expect(world('job').deeds.filter(deed => deed.startsWith('mount'))).toEqual([])
      })

      it('not, where its profile could not be loaded', () => {
        expect(said('jobLoggedOff')).toContain('"code":"SETTING_REFUSED"')
        expect(world('jobLoggedOff').installs).toBe(0)
      })

      it.each([
        ['jobBatch', 'JOB_ACCOUNT_BATCH'],
        ['jobWrong', 'JOB_ACCOUNT_REFUSED'],
      ] as const)('not, and its task goes, when Windows says no (%s)', (name, code) => {
        expect(refusal(step(name, 2)).code).toBe(code)
        expect(world(name)).toMatchObject({ installs: 0, registry: cutOff.registry })
        expect(world(name).tasks).not.toContain(jobTask)
        expect(world(name).files.some(file => file.endsWith('job.claim'))).toBe(false)
      })

      it('once', () => {
        expect(answer('Start-InstallJob', step('twice', 3)).started).toBe(false)
        expect(world('twice').installs).toBe(1)
      })

      it('and its password is in no file, definition, command line or event of the server', () => {
        for (const index of [3, 5, 7]) {
          const { deeds } = world('secret', index)
          expect(deeds.at(-1)).toBe('searched')
          expect(deeds.filter(deed => deed.startsWith('found'))).toEqual([])
        }
        expect(answer('Start-InstallJob', step('secret', 4)).started).toBe(true)
      })
    })

    describe('leaves it to the guard', () => {
      const restoredBy = (name: Name) =>
        world(name).journal.flatMap(entry =>
          entry.type === 'setting' && entry.setting === 'crl' && entry.change !== 'changed'
            ? [`${entry.change} ${entry.by}`]
            : [],
        )

      it('to mount its registry, put its setting back, take the registry away again and go', () => {
        expect(restoredBy('cut')).toEqual(['restored guard'])
        const { deeds, tasks } = world('cut')
        const [mounted, dismounted] = [`mount ${ownHive} %SystemDrive%\\Users\\exjob`, `dismount ${ownHive}`]
        const written = deeds.findIndex(deed => deed.includes(`${ownHive}\\Software`) && deed.endsWith(`=${0x23c00}`))
        expect(deeds.indexOf(mounted)).toBeGreaterThan(-1)
        expect(written).toBeGreaterThan(deeds.indexOf(mounted))
        expect(deeds.indexOf(dismounted)).toBeGreaterThan(written)
        expect(
          Object.keys(world('cut').registry).filter(place => place.includes(jobSid) && place.startsWith('HKU')),
        ).toEqual([])
        expect(tasks).toEqual([])
      })

      it('and says what is outstanding, whether it is logged on or not', () => {
        for (const index of [4, 6]) {
          expect(answer('Get-ServerLeftover', step('cut', index)).runs[0]?.outstanding).toContainEqual({
            ...{ setting: 'crl', scope: jobSid, from: 0x23e00, to: 0x23c00 },
          })
        }
      })

      it('which mounts nothing while it is logged on', () => {
        expect(restoredBy('cutLoggedOn')).toEqual(['restored guard'])
        expect(world('cutLoggedOn').registry[jobCrl]).toBe(0x23c00)
        expect(world('cutLoggedOn').deeds.some(deed => deed.startsWith('mount'))).toBe(false)
      })

      it('which is stuck, says so once and stays, while the file cannot be had', () => {
        expect(world('noFile', 7).tasks).toHaveLength(2)
        expect(said('noFile', 7).match(/"change":"stuck"/g)).toHaveLength(1)
        expect(said('noFile', 7)).toContain('being used by another process')
        expect(restoredBy('noFile')).toEqual(['stuck guard', 'restored guard'])
        expect(world('noFile').tasks).toEqual([])
      })

      it('which is stuck where there is no profile', () => {
        expect(restoredBy('noProfile')).toEqual(['stuck guard'])
        expect(said('noProfile')).toContain('it has no profile on this server')
        expect(world('noProfile').tasks).not.toEqual([])
      })

      it('which is stuck while the value is refused, with the registry taken away all the same', () => {
        expect(restoredBy('refused')).toEqual(['stuck guard', 'restored guard'])
        expect(world('refused', 7).deeds.at(-1)).not.toMatch(/^mount/)
        expect(world('refused', 7).deeds).toContain(`dismount ${ownHive}`)
        expect(world('refused').tasks).toEqual([])
      })

      it('which leaves alone what somebody else set since', () => {
        expect(restoredBy('foreign')).toEqual(['foreign guard'])
        expect(world('foreign').tasks).toEqual([])
      })

      it('which waits until nobody has a mounted key open, and takes over what was mounted before', () => {
        for (const name of ['held', 'mountedBefore'] as const) {
          expect(restoredBy(name)).toEqual(['restored guard'])
          expect(world(name).deeds).toContain(`dismount ${ownHive}`)
          expect(world(name).registry[accountCrl(ownHive)]).toBeUndefined()
        }
        expect(world('mountedBefore').deeds.filter(deed => deed.startsWith('mount'))).toHaveLength(1)
      })

      it('or to a call, whose account need not be it', () => {
        expect(answer('Restore-ServerState', step('byCall', -1))).toMatchObject({ disarmed: true, stuck: [] })
        expect(restoredBy('byCall')).toEqual(['restored call'])
      })

      it('which puts absence back as absence', () => {
        expect(restoredBy('absent')).toEqual(['restored guard'])
        expect(world('absent').deeds.some(deed => deed.startsWith(`remove HKU\\${ownHive}`))).toBe(true)
      })
    })

    describe('is in the facts', () => {
      it('with its settings while it is logged on', () => {
        const fact = answer('Get-ServerFact', step('factsMounted', 0))
        expect(fact.jobAccount).toEqual({
          ...{ name: jobName, sid: jobSid, administrator: true, mounted: true, storesPasswords: true },
        })
        expect(Object.keys(fact.settings.crl)[0]).toBe(jobSid)
        expect(fact.settings.crl[jobSid]).toBe(0x23c00)
      })

      it('without them while it is not', () => {
        const fact = answer('Get-ServerFact', step('factsUnmounted', 0))
        expect(fact.jobAccount?.mounted).toBe(false)
        expect(fact.settings.crl).not.toHaveProperty(jobSid)
      })

      it('with what is in its way', () => {
        expect(answer('Get-ServerFact', step('factsNobody', 0)).jobAccount).toMatchObject({ sid: null, mounted: false })
        expect(answer('Get-ServerFact', step('factsPolicy', 0)).jobAccount).toMatchObject({
          ...{ administrator: false, storesPasswords: false },
        })
      })
    })
  },
)
