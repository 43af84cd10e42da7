import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { missingHostReason, powershellHost } from '../powershell-host/host.js'
import { answer, type Case, call, hostsTimeoutMs, refusal, runCases, type StepResult } from './memory-server/cases.js'
import {
  packageBytes,
  packageFile,
  packageName,
  packageSha256,
  progress,
  registerGuard,
  run,
  snapshot,
  stagedPackage,
  startJob,
} from './memory-server/steps.js'
import {
  exchangeFiles,
  exchangeRegistry,
  packedPatch,
  packedProduct,
  places,
  systemSid,
  type WorldOptions,
} from './memory-server/world.js'

const exchange: WorldOptions = { registry: exchangeRegistry }
const readiness = call('Test-ServerReadiness', {
  PackageName: packageName,
  PackageSha256: packageSha256,
  PackageBytes: 9,
  PatchCode: '{2E4FE2E4-D4A8-4A8A-9A8B-0B8F2C1B6E11}',
  ProductCodes: ['{24B2C164-DE66-44FE-B468-A46D9D5E6B31}'],
})
const initialize = call('Initialize-Package', { Name: packageName, Sha256: packageSha256 })
const complete = call('Complete-Package', { Name: packageName, Sha256: packageSha256 })
const verify = call('Test-Installation', {
  Run: run,
  ExpectedBuild: '8.1.311.3',
  PatchCode: '{09679EB4-B32D-4F10-88C9-34299B366C5B}',
})
const collect = call('Get-CollectableLog', {
  Run: run,
  Kinds: ['msi', 'service-control', 'update-cas', 'events', 'exchange-setup', 'msi', 'unheard-of'],
})
const move = call('Move-ClusteredServer', { Name: 'EX-CMS', TargetNode: 'ex-mbx-02', TimeoutSeconds: 60 })
const cluster = {
  type: 'ccr',
  name: 'EX-CMS',
  nodes: ['EX-MBX-01', 'EX-MBX-02'],
  activeNode: 'EX-MBX-01',
  isActive: true,
  healthy: true,
}
const without = (...parts: string[]) =>
  Object.fromEntries(Object.entries(exchangeRegistry).filter(([place]) => !parts.some(part => place.includes(part))))
const upload = (text: string) => ({
  ps: `[IO.File]::WriteAllText($global:World.root + '/${packageFile}.part', '${text}')`,
})
/** A log as msiexec writes it: UTF-16LE with a byte order mark. */
const log = (text: string) => `[IO.File]::AppendAllText($global:World.logPath, "${text}", [Text.Encoding]::Unicode)`
const firstLines = '=== Verbose logging started\r\nAction start 16:40:52: CostInitialize.\r\n'
/** With the byte order mark. */
const firstBytes = 2 * (1 + firstLines.length)
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const manyLines = Array.from({ length: 60 }, (_, index) => `line ${index}\`r\`n`).join('')

const cases = {
  ready: { world: exchange, files: { ...exchangeFiles, ...stagedPackage }, steps: [readiness] },
  notReady: {
    world: {
      registry: {
        ...exchangeRegistry,
        'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager|PendingFileRenameOperations|64': 'a file',
        'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\RebootPending|x|64': 'x',
      },
      crl: false,
      elevated: false,
      freeBytes: 1000,
    },
    files: {
      'Program Files/Microsoft/Exchange Server/Bin/ExSetup.exe': '8.1.278.2',
      'ExchangeSetupLogs/ServiceState.xml': '',
      'ExchangeSetupLogs/ServiceControl.log': '',
      'ProgramData/exroll/armed': 'another-run',
    },
    steps: [readiness],
  },
  dangling: {
    world: { registry: without(`${packedPatch}|LocalPackage`, `${packedProduct}\\InstallProperties`) },
    files: exchangeFiles,
    steps: [readiness],
  },
  stage: { steps: [initialize, upload(packageBytes), complete, complete, initialize] },
  stageDamaged: { steps: [initialize, upload('damaged'), complete, complete, upload(packageBytes), complete] },
  stageName: { steps: [call('Initialize-Package', { Name: '..\\x;y.msp', Sha256: packageSha256 })] },
  snapshot: {
    world: { registry: { [places.crl]: 0x23c00, [places.installerLogging]: 'voicewarmup!' } },
    steps: [
      snapshot(),
      { ps: `$global:World.registry['${places.crl}'] = [long]1; $global:World.services[0].startType = 'Disabled'` },
      snapshot(),
    ],
  },
  secondAttempt: {
    world: {
      services: [
        { name: 'MSExchangeIS', startType: 'Automatic', state: 'Running' },
        { name: 'W3SVC', startType: 'Automatic', state: 'Running' },
        { name: 'MSExchangePOP3', startType: 'Manual', state: 'Stopped' },
      ],
    },
    steps: [
      snapshot(),
      {
        ps: `$global:World.services[0].state = 'Stopped'; $global:World.services[1].state = 'Stopped'; $global:World.services[1].startType = 'Disabled'`,
      },
      snapshot(`${run}.2`, [], run),
    ],
  },
  poisoned: {
    world: {
      services: [
        { name: 'MSExchangeIS', startType: 'Disabled', state: 'Stopped' },
        { name: 'MSExchangePOP3', startType: 'Disabled', state: 'Stopped' },
        { name: 'W3SVC', startType: 'Disabled', state: 'Stopped' },
        { name: 'MSExchangeSA', startType: 'Manual', state: 'Stopped' },
      ],
    },
    steps: [snapshot(run, ['msexchangeis=Automatic', 'MSExchangePOP3=Manual', 'MSExchangeSA=Automatic'])],
  },
  follow: {
    world: {
      hangs: 3,
      installer: `${log(firstLines.replaceAll('\r', '`r').replaceAll('\n', '`n'))}; 0`,
      meanwhile: `if ($global:World.hangs -eq 2) { & $global:Scripts['Get-InstallProgress'] -Run '${run}' -AfterSeq 3 -LogOffset 0 -LogLine 0 -WaitSeconds 0; ${log(`${manyLines}half a li`)} }`,
    },
    files: stagedPackage,
    steps: [
      snapshot(),
      registerGuard(),
      startJob({ ExecutionPolicy: 'leave' }),
      progress({ LogOffset: firstBytes, LogLine: 2, WaitSeconds: 20 }),
      progress({ LogOffset: 1_000_000, LogLine: 9000 }),
    ],
  },
  followNothing: { steps: [progress({ WaitSeconds: 20 })] },
  lost: {
    world: { installer: 'break power' },
    files: stagedPackage,
    steps: [snapshot(), registerGuard(), startJob(), progress({ WaitSeconds: 20 })],
  },
  verify: {
    world: exchange,
    files: {
      ...exchangeFiles,
      ...stagedPackage,
      'ExchangeSetupLogs/UpdateCas.log': '[10:00:00] Error updating OWA/ECP: an old story\r\n',
    },
    steps: [
      snapshot(),
      registerGuard(),
      startJob(),
      {
        ps: '[IO.File]::AppendAllText($global:World.root + \'/ExchangeSetupLogs/UpdateCas.log\', "[20:00:01] Updating OWA/ECP`r`n[20:00:02] Error updating OWA/ECP: no Active Directory`r`n")',
      },
      {
        ps: `$global:World.registry['${places.crl}'] = [long]0x23e00; $global:World.services[3].startType = 'Disabled'; $global:World.services[3].state = 'Stopped'`,
      },
      verify,
      collect,
    ],
  },
  selfConfiguring: {
    world: { services: [{ name: 'BITS', startType: 'Manual' }, { name: 'W3SVC' }] },
    steps: [
      snapshot(),
      { ps: "foreach ($service in $global:World.services) { $service.startType = 'Disabled' }" },
      call('Start-SnapshotService', { Run: run, TimeoutSeconds: 60 }),
    ],
  },
  fullDisk: {
    files: stagedPackage,
    steps: [
      snapshot(),
      registerGuard(),
      // A lease that cannot be written: a folder has its name.
      {
        ps: `$file = @([IO.Directory]::GetFiles($global:World.root, 'lease', 'AllDirectories'))[0]; [IO.File]::Delete($file); [void][IO.Directory]::CreateDirectory($file)`,
      },
      progress(),
    ],
  },
  verifyNothing: { steps: [snapshot(), verify, collect] },
  filtered: {
    world: { ...exchange, elevated: false },
    files: exchangeFiles,
    steps: [initialize, snapshot(), registerGuard(), move, readiness, progress()],
  },
  directory: { steps: [call('Test-DirectoryReach', {})] },
  restart: { steps: [snapshot(), call('Restart-Server', { Run: run, DelaySeconds: 5 }), call('Get-BootState', {})] },
  restartOfNothing: { steps: [call('Restart-Server', { Run: run, DelaySeconds: 5 })] },
  starting: {
    world: { services: [{ name: 'W3SVC', state: 'StartPending' }] },
    steps: [
      { ps: '$global:World.uptime = 60000' },
      call('Get-BootState', {}),
      { ps: '$global:World.uptime = 700000' },
      call('Get-BootState', {}),
    ],
  },
  move: { world: { cluster }, steps: [move, move] },
  moveUnhealthy: { world: { cluster: { ...cluster, healthy: false } }, steps: [move] },
  moveElsewhere: {
    world: { cluster },
    steps: [call('Move-ClusteredServer', { Name: 'EX-CMS', TargetNode: 'EX-MBX-09', TimeoutSeconds: 60 })],
  },
  moveNoCluster: { steps: [move] },
  servicesFail: {
    world: {
      services: [
        { name: 'MSExchangeIS', state: 'Running', dependsOn: ['MSExchangeADTopology'] },
        { name: 'MSExchangeADTopology', failures: 2 },
        { name: 'BITS', state: 'Running' },
      ],
    },
    steps: [
      snapshot(),
      { ps: "foreach ($service in $global:World.services) { $service.state = 'Stopped' }" },
      call('Start-SnapshotService', { Run: run, TimeoutSeconds: 600 }),
    ],
  },
  servicesStay: {
    world: { services: [{ name: 'MSExchangeIS', failures: 1000 }] },
    steps: [
      snapshot(),
      { ps: "$global:World.services[0].state = 'Stopped'" },
      call('Start-SnapshotService', { Run: run, TimeoutSeconds: 60 }),
    ],
  },
} satisfies Record<string, Case>

describe.skipIf(powershellHost() === undefined)(
  `the calls of a server in a real PowerShell ${missingHostReason()}`,
  () => {
    const results: Record<string, StepResult[]> = {}
    const step = (name: keyof typeof cases, index = -1): StepResult => {
      const result = results[name]?.at(index)
      if (result === undefined) throw new Error(`no step ${index} of ${name}`)
      return result
    }

    beforeAll(async () => {
      const all = await runCases(Object.values(cases))
      for (const [index, name] of Object.keys(cases).entries()) results[name] = all[index] ?? []
    }, hostsTimeoutMs)

    it('runs without a fault', () => {
      const faults = Object.values(results).flatMap(steps =>
        steps.map(({ problem }) => problem).filter(problem => problem !== ''),
      )
      expect(faults).toEqual([])
    })

    describe('readiness', () => {
      it('finds nothing in the way of a healthy server', () => {
        expect(answer('Test-ServerReadiness', step('ready'))).toEqual({
          elevated: true,
          logonNote: 'EXLAB\\exadmin has a full token',
          freeBytes: 50_000_000_000,
          pendingReboot: [],
          leftoverState: [],
          missingCache: [],
          registration: { productReadable: true, danglingPatches: [] },
          armedRun: null,
          installerBusy: false,
          crl: { reachable: true, detail: `asked about ${packageName}` },
          staged: true,
        })
      })

      it('says whether the directory is there', () => {
        expect(answer('Test-DirectoryReach', step('directory'))).toEqual({ reachable: true, detail: 'asked' })
      })

      it('names everything that is in the way', () => {
        const found = answer('Test-ServerReadiness', step('notReady'))
        expect(found).toMatchObject({
          elevated: false,
          freeBytes: 1000,
          pendingReboot: ['PendingFileRenameOperations', 'RebootPending'],
          armedRun: 'another-run',
          crl: { reachable: false, detail: 'asked about ExSetup.exe' },
          staged: false,
          missingCache: [
            {
              kind: 'patch',
              path: 'C:\\Windows\\Installer\\3c4d.msp',
              code: '{09679EB4-B32D-4F10-88C9-34299B366C5B}',
              packageName: 'Exchange2007-KB935490-x64-EN.msp',
              displayName: 'Update Rollup 2 for Exchange Server 2007 (KB935490) 8.0.711.2',
            },
            {
              kind: 'package',
              path: 'C:\\Windows\\Installer\\1a2b.msi',
              code: '{24B2C164-DE66-44FE-B468-A46D9D5E6B31}',
              packageName: null,
              displayName: 'Microsoft Exchange Server',
            },
          ],
        })
        expect(found.leftoverState).toEqual([expect.stringMatching(/ServiceState\.xml$/)])
        expect(step('notReady').world.deeds).toEqual([])
      })

      it('tells a registration that leads nowhere from a file that is missing', () => {
        expect(answer('Test-ServerReadiness', step('dangling'))).toMatchObject({
          missingCache: [],
          registration: { productReadable: false, danglingPatches: ['{09679EB4-B32D-4F10-88C9-34299B366C5B}'] },
        })
      })
    })

    describe('staging', () => {
      it('gives the package its name when its hash is right, and says the same when it is asked again', () => {
        expect(answer('Initialize-Package', step('stage', 0))).toMatchObject({
          present: false,
          uploadPath: expect.stringMatching(/\.msp\.part$/),
        })
        expect(step('stage', 0).world.deeds).toEqual(['protect exroll'])
        expect(answer('Complete-Package', step('stage', 2))).toEqual(answer('Complete-Package', step('stage', 3)))
        expect(answer('Initialize-Package', step('stage', 4)).present).toBe(true)
        expect(step('stage').world.files).toContain(packageFile)
        expect(step('stage').world.files).not.toContain(`${packageFile}.part`)
      })

      it('throws a damaged upload away and takes the next one', () => {
        expect(refusal(step('stageDamaged', 2))).toMatchObject({
          code: 'PACKAGE_DAMAGED',
          message: expect.stringContaining(sha256('damaged')),
        })
        expect(refusal(step('stageDamaged', 3)).code).toBe('PACKAGE_MISSING')
        expect(answer('Complete-Package', step('stageDamaged')).sha256).toBe(packageSha256)
      })

      it('takes no name that leads elsewhere or that msiexec would split', () => {
        expect(refusal(step('stageName')).code).toBe('PACKAGE_NAME')
      })
    })

    describe('the snapshot', () => {
      it('is taken once and never overwritten', () => {
        const first = answer('New-Snapshot', step('snapshot', 0))
        const second = answer('New-Snapshot', step('snapshot', 2))
        expect([first.created, second.created]).toEqual([true, false])
        expect(second.services).toEqual(first.services)
        expect(second.settings).toEqual(first.settings)
        expect(first.settings).toMatchObject({
          crl: { [systemSid]: 0x23c00 },
          serverCertificateRevocation: { [systemSid]: null },
          executionPolicy: { LocalMachine: null },
          installerLogging: { logging: 'voicewarmup!', debug: null },
        })
      })

      it('of a second attempt counts as running what the first one left stopped, unless somebody disabled it since', () => {
        const { services } = answer('New-Snapshot', step('secondAttempt', 2))
        expect(services.map(({ name, startType, state }) => `${name} ${startType} ${state}`)).toEqual([
          'MSExchangeIS Automatic Running',
          'W3SVC Disabled Stopped',
          'MSExchangePOP3 Manual Stopped',
        ])
      })

      it('does not take a poisoned start type for the truth, and invents none', () => {
        const { services } = answer('New-Snapshot', step('poisoned'))
        expect(services.map(({ name, startType, state }) => `${name} ${startType} ${state}`)).toEqual([
          'MSExchangeIS Automatic Running',
          'MSExchangePOP3 Manual Stopped',
          'W3SVC Disabled Stopped',
          'MSExchangeSA Manual Stopped',
        ])
      })
    })

    describe('following', () => {
      const during = () => step('follow', 2).lines.filter(line => line.type === 'result')

      it('shows a job that runs, its log and its last action', () => {
        expect(during()[0]).toMatchObject({
          data: {
            job: 'running',
            installerActive: true,
            guard: 'armed',
            entries: [{ seq: 4, type: 'step', step: 'install' }],
            log: {
              bytes: firstBytes,
              offset: firstBytes,
              line: 2,
              action: 'CostInitialize',
              tail: [
                { line: 1, text: '=== Verbose logging started' },
                { line: 2, text: 'Action start 16:40:52: CostInitialize.' },
              ],
            },
          },
        })
      })

      it('goes on where it was, with the newest whole lines alone', () => {
        const { log: tail } = answer('Get-InstallProgress', step('follow', 3))
        expect(tail?.tail).toHaveLength(40)
        expect(tail?.tail.at(-1)).toEqual({ line: 62, text: 'line 59' })
        expect(tail).toMatchObject({ line: 62, action: 'CostInitialize' })
        expect((tail?.bytes ?? 0) - (tail?.offset ?? 0)).toBe(2 * 'half a li'.length)
      })

      it('begins anew when the log is shorter than what was read of it', () => {
        expect(answer('Get-InstallProgress', step('follow', 4)).log).toMatchObject({ line: 62 })
      })

      it('goes on when the lease cannot be written, and says so', () => {
        expect(answer('Get-InstallProgress', step('fullDisk')).guard).toBe('armed')
        expect(step('fullDisk').lines[0]?.note).toMatch(/^the lease could not be renewed: /)
      })

      it('does not wait for a job that is none, that ended or that is lost, and writes nothing without a guard', () => {
        expect(answer('Get-InstallProgress', step('followNothing'))).toMatchObject({
          job: 'none',
          guard: 'none',
          entries: [],
          log: null,
        })
        expect(step('followNothing').world).toMatchObject({ uptime: 3_600_000, files: ['ProgramData/.keep'] })
        expect(answer('Get-InstallProgress', step('follow', 3)).job).toBe('ended')
        expect(answer('Get-InstallProgress', step('lost'))).toMatchObject({ job: 'lost', installerActive: true })
      })
    })

    describe('verifying', () => {
      it('compares with the snapshot, and reads only this attempt of UpdateCas.log', () => {
        expect(answer('Test-Installation', step('verify', 5))).toEqual({
          build: '8.1.278.2',
          patchRegistered: true,
          services: { running: 2, expected: 3, down: ['W3SVC'] },
          differing: [
            { setting: 'crl', scope: systemSid, from: null, to: 0x23e00 },
            { setting: 'start-type', scope: 'W3SVC', from: 'AutomaticDelayed', to: 'Disabled' },
          ],
          owaErrors: ['[20:00:02] Error updating OWA/ECP: no Active Directory'],
        })
      })

      it('finds no build and no patch where there is no Exchange', () => {
        expect(answer('Test-Installation', step('verifyNothing', 1))).toMatchObject({
          build: null,
          patchRegistered: false,
          differing: [],
          owaErrors: [],
        })
      })

      it('lists the logs that are there, each once, with the hash of their bytes', () => {
        const { files } = answer('Get-CollectableLog', step('verify', 6))
        expect(files.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
          'update-cas UpdateCas.log',
          'events events.txt',
        ])
        expect(files[1]).toMatchObject({ bytes: 6, sha256: sha256('events') })
        expect(answer('Get-CollectableLog', step('verifyNothing', 2)).files).toEqual([])
      })
    })

    it('changes nothing with a filtered token, and says so; what only reads is answered', () => {
      for (const index of [0, 1, 2, 3]) expect(refusal(step('filtered', index)).code).toBe('ACCESS_DENIED')
      expect(step('filtered', 3).world.deeds).toEqual([])
      expect(answer('Test-ServerReadiness', step('filtered', 4)).elevated).toBe(false)
      expect(answer('Get-InstallProgress', step('filtered', 5)).job).toBe('none')
    })

    it('restarts and says which boot ends', () => {
      expect(answer('Restart-Server', step('restart', 1))).toEqual({ bootId: 'boot-1' })
      expect(step('restart', 1).world.deeds).toContain('restart in 5')
      expect(answer('Get-BootState', step('restart', 2))).toEqual({
        bootId: 'boot-1',
        uptimeMs: 3_600_000,
        ready: true,
      })
    })

    it('does not restart for a run whose folder is gone, and says so', () => {
      expect(refusal(step('restartOfNothing'))).toMatchObject({
        code: 'NO_RUN',
        message: expect.stringMatching(/gone from EX-MBX-01/),
        hint: expect.stringContaining('by hand'),
      })
      expect(step('restartOfNothing').world.deeds).toEqual([])
    })

    it('is not ready while services start, but does not wait for one that hangs', () => {
      expect(answer('Get-BootState', step('starting', 1)).ready).toBe(false)
      expect(answer('Get-BootState', step('starting', 3)).ready).toBe(true)
    })

    it('moves the clustered mailbox server once, and only to a node of its cluster', () => {
      expect(answer('Move-ClusteredServer', step('move', 0))).toEqual({
        moved: true,
        activeNode: 'ex-mbx-02',
        healthy: true,
      })
      expect(answer('Move-ClusteredServer', step('move', 1)).moved).toBe(false)
      expect(step('move').world.deeds).toEqual(['move EX-CMS to ex-mbx-02'])
      expect(step('move').world.events.map(({ text }) => text)).toEqual([
        expect.stringMatching(/^exroll moves EX-CMS from \S+ to ex-mbx-02 /),
      ])
      expect(answer('Move-ClusteredServer', step('moveUnhealthy'))).toMatchObject({ moved: false, healthy: false })
      expect(step('moveUnhealthy').world).toMatchObject({ deeds: [], uptime: 3_600_000 + 60_000 })
      expect(refusal(step('moveElsewhere'))).toMatchObject({
        code: 'CLUSTER_NODE_UNKNOWN',
        hint: 'Its nodes are EX-MBX-01, EX-MBX-02.',
      })
      expect(refusal(step('moveNoCluster')).code).toBe('CLUSTER_UNKNOWN')
    })

    it('tries services again whose first start times out, and reports each as it comes', () => {
      const result = answer('Start-SnapshotService', step('servicesFail'))
      expect(result).toMatchObject({
        services: { running: 2, expected: 2, down: [] },
        started: ['MSExchangeADTopology', 'MSExchangeIS'],
        errors: [],
      })
      const notes = step('servicesFail').lines.flatMap(line => (typeof line.note === 'string' ? [line.note] : []))
      expect(notes.filter(note => note.includes('(1053)'))).toHaveLength(2)
      expect(step('servicesFail').world.events.map(({ text }) => text)).toEqual([
        `Run ${run}: services started by the call: MSExchangeADTopology, MSExchangeIS`,
      ])
    })

    it('leaves start types alone that services set themselves', () => {
      expect(answer('Start-SnapshotService', step('selfConfiguring')).restored).toEqual([
        { setting: 'start-type', scope: 'W3SVC', from: 'Disabled', to: 'Automatic' },
      ])
    })

    it('gives a service up after its time, with what it said last', () => {
      expect(answer('Start-SnapshotService', step('servicesStay'))).toMatchObject({
        services: { running: 0, expected: 1, down: ['MSExchangeIS'] },
        errors: [{ name: 'MSExchangeIS', message: expect.stringContaining('(1053)') }],
      })
    })
  },
)
