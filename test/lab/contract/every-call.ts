import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { serverState } from '../../../src/lab/server-state.js'
import type { LabServer } from '../../../src/lab/world/lab-server.js'
import {
  type JobEntry,
  type ScriptArguments,
  type ScriptName,
  type ScriptProgress,
  systemSid,
} from '../../../src/scripts/catalog.js'
import { loadGuardScript, loadJobScript } from '../../../src/scripts/load.js'
import { installRequest } from '../install-request.js'
import { comparable, type Told } from './comparable.js'
import type { Answer, ContractServer } from './contract-server.js'

const updates = fileURLToPath(new URL('../../../updates/', import.meta.url))
export const packageName = readdirSync(updates).find(name => name.endsWith('.msp')) ?? ''
export const packageBytes = readFileSync(`${updates}${packageName}`)
export const packageSha256 = createHash('sha256').update(packageBytes).digest('hex')
const exchange2007 = '{24B2C164-DE66-44FE-B468-A46D9D5E6B31}'
const run = '20081014-200000-ab12'

/** Makes a call and takes its answer into the story. */
type Tell = <N extends ScriptName>(name: N, args: ScriptArguments<N>, label?: string) => Promise<Answer<N>>

/**
 * Every script call but those that need a share (share-calls.ts), in the order of a run, on one server: reads, staging, snapshot, guard, install,
 * follow, services, verify, collect, disarm, a move of the cluster, a restart, what is left over. Returns each call with what is comparable of
 * its answer, and what the server holds in the end.
 */
export async function everyCall({ server, call }: ContractServer): Promise<unknown[]> {
  const story: unknown[] = []
  const take = (told: Told): void => void story.push(comparable(told, server))
  const tell: Tell = async (name, args, label = name) => {
    const progress: ScriptProgress[] = []
    const answer = await call(name, args, line => progress.push(line))
    take({ call: label, answer, ...(progress.length > 0 ? { progress } : {}) })
    return answer
  }
  const guard = loadGuardScript()
  const job = loadJobScript()
  const package_ = { Name: packageName, Sha256: packageSha256 }

  await tell('Get-ServerFact', { Accounts: [systemSid], JobAccount: '' })
  await tell('Test-ServerReadiness', {
    PackageName: packageName,
    PackageSha256: packageSha256,
    PackageBytes: packageBytes.length,
    PatchCode: '{00000000-0000-0000-0000-000000000000}',
    ProductCodes: [exchange2007],
  })
  await tell('Restore-ServerState', { Run: run, ServiceTimeoutSeconds: 60 }, 'Restore-ServerState without a snapshot')
  const staged = await tell('Initialize-Package', package_)
  await tell('Complete-Package', package_, 'Complete-Package before the upload')
  if ('data' in staged) server.files.write(staged.data.uploadPath, packageBytes.subarray(1))
  await tell('Complete-Package', package_, 'Complete-Package of a damaged upload')
  if ('data' in staged) server.files.write(staged.data.uploadPath, packageBytes)
  const complete = await tell('Complete-Package', package_)
  await tell('Initialize-Package', package_, 'Initialize-Package once more')
  const install = installRequest(run, {
    path: 'data' in complete ? complete.data.path : 'C:\\nowhere.msp',
    sha256: packageSha256,
  })
  await tell(
    'Get-InstallProgress',
    { Run: run, AfterSeq: 0, LogOffset: 0, LogLine: 0, WaitSeconds: 0 },
    'Get-InstallProgress of no run',
  )
  await tell('New-Snapshot', { Run: run, Accounts: [systemSid], Defaults: [], Before: '' })
  await tell('New-Snapshot', { Run: run, Accounts: [systemSid], Defaults: [], Before: '' }, 'New-Snapshot once more')
  await tell('Start-InstallJob', install, 'Start-InstallJob without a guard')
  await tell(
    'Register-Guard',
    { Run: run, LeaseMinutes: 600, GuardScript: guard.text, GuardSha256: job.sha256 },
    'Register-Guard with a wrong hash',
  )
  await tell('Register-Guard', { Run: run, LeaseMinutes: 600, GuardScript: guard.text, GuardSha256: guard.sha256 })
  await tell(
    'New-Snapshot',
    { Run: 'another', Accounts: [systemSid], Defaults: [], Before: '' },
    'New-Snapshot of another run',
  )
  await tell(
    'Register-Guard',
    { Run: 'another', LeaseMinutes: 10, GuardScript: guard.text, GuardSha256: guard.sha256 },
    'Register-Guard of another run',
  )
  await tell('Start-InstallJob', { ...install, LogName: '..\\x.log' }, 'Start-InstallJob with a bad log name')
  await tell('Start-InstallJob', install)
  await tell('Start-InstallJob', install, 'Start-InstallJob once more')
  take({ call: 'Get-InstallProgress', answer: await follow(call, server) })
  await tell('Stop-InstallJob', { Run: run })
  await tell('Start-SnapshotService', { Run: run, TimeoutSeconds: 600 })
  await tell('Test-Installation', {
    Run: run,
    ExpectedBuild: '8.1.311.3',
    PatchCode: '{00000000-0000-0000-0000-000000000000}',
  })
  await tell('Get-CollectableLog', {
    Run: run,
    Kinds: ['msi', 'events', 'service-control', 'update-cas', 'exchange-setup'],
  })
  await tell('Test-DirectoryReach', {})
  await tell('Get-ServerLeftover', {})
  await tell('Restore-ServerState', { Run: run, ServiceTimeoutSeconds: 600 })
  await tell('Unregister-Guard', { Run: run })
  await tell(
    'Get-InstallProgress',
    { Run: run, AfterSeq: 0, LogOffset: 0, LogLine: 0, WaitSeconds: 0 },
    'Get-InstallProgress after all',
  )
  await tell('Get-ServerLeftover', {}, 'Get-ServerLeftover after all')
  const cluster = server.cluster
  const nodes = [...(cluster?.nodes ?? ['EX-NODE-1'])]
  const move = { Name: cluster?.name ?? 'EX-CMS-01', TimeoutSeconds: 600 }
  await tell('Move-ClusteredServer', { ...move, TargetNode: 'NOBODY' }, 'Move-ClusteredServer to nobody')
  for (const TargetNode of nodes) await tell('Move-ClusteredServer', { ...move, TargetNode })
  await restart(tell, server)
  await tell('Move-LeftoverState', {})
  await tell('Remove-ServerLeftover', {
    Runs: [run, 'another', 'nothing'],
    Packages: [install.PackagePath, 'C:\\x.msp'],
  })
  const { digest: _, writes: __, ...held } = serverState(server)
  return [...story, { held }]
}

/** Restarts where the call is allowed, and asks what the boot is called before and after. */
async function restart(tell: Tell, server: LabServer): Promise<void> {
  const { bootId } = server
  await tell('Get-BootState', {})
  await tell('Restart-Server', { Run: 'nothing', DelaySeconds: 60 }, 'Restart-Server for a run that is gone')
  // Long enough for the answer to get out.
  const answer = await tell('Restart-Server', { Run: run, DelaySeconds: 60 })
  while ('data' in answer && (server.bootId === bootId || server.network.down)) await server.clock.sleep(1000)
  await tell('Get-BootState', {}, 'Get-BootState after the restart')
}

/** How long the log may be quiet, in server milliseconds, before somebody ends the installation (on_stall: end). */
const quietMs = 600_000

/** The job to its end: what each look says is a matter of time, what is in the journal is not. */
export async function follow(call: ContractServer['call'], server: LabServer, of = run): Promise<Answer> {
  const entries: JobEntry[] = []
  for (let look = 0; look < 60; look += 1) {
    const AfterSeq = entries.at(-1)?.seq ?? 0
    const { bootId } = server
    const answer = await call('Get-InstallProgress', {
      Run: of,
      AfterSeq,
      LogOffset: 0,
      LogLine: 0,
      WaitSeconds: 120,
    }).catch((error: unknown) => {
      // A restart ends every call.
      if (server.bootId === bootId) throw error
      return undefined
    })
    if (server.network.down || server.bootId !== bootId) {
      while (server.network.down) await server.clock.sleep(1000)
      continue
    }
    if (answer === undefined || 'error' in answer) return answer ?? { error: { code: 'NO_ANSWER' } }
    entries.push(...answer.data.entries)
    if (answer.data.job === 'lost' && answer.data.installerActive) {
      // Nobody may put anything back before the log has been quiet that long.
      await server.clock.sleep(quietMs)
      continue
    }
    if (answer.data.job !== 'running') return { data: { ...answer.data, entries } }
    if ((answer.data.log?.quietMs ?? 0) > quietMs) await call('Stop-InstallJob', { Run: of })
  }
  return { error: { code: 'STILL_RUNNING', entries } }
}
