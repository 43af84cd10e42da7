import { setImmediate } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { startOrder } from '../../../src/lab/model-engine/start-services.js'
import { setupLogs } from '../../../src/lab/world/windows-places.js'
import type { ServiceSummary } from '../../../src/scripts/catalog.js'
import { systemSid } from '../../../src/scripts/catalog.js'
import { installs, utf16 } from './scripted-installer.js'
import { arm, call, fleet, mailboxServer, run, sha256, startJob } from './server.js'

vi.mock('../../../src/lab/msiexec/msiexec.js', () => import('./scripted-installer.js'))

describe('a snapshot', () => {
  it('is taken once, and the first one holds', async () => {
    const server = mailboxServer()
    const take = { Run: run, Accounts: [systemSid], Defaults: [], Before: '' }
    const first = await call(server, 'New-Snapshot', take)
    await server.services.stopWithDependents('W3SVC')
    const second = await call(server, 'New-Snapshot', take)
    expect([first.created, second.created]).toEqual([true, false])
    expect(second.services).toEqual(first.services)
    expect(second.settings).toEqual(first.settings)
  })

  it('does not take a poisoned state for the truth, where it was told what is', async () => {
    const server = mailboxServer()
    for (const name of ['MSExchangeIS', 'W3SVC']) {
      await server.services.stopWithDependents(name)
      server.services.configure(name, 'Disabled')
    }
    const { services } = await call(server, 'New-Snapshot', {
      Run: run,
      Accounts: [systemSid],
      Defaults: ['MSExchangeIS=Automatic', 'MSExchangeADTopology=Manual'],
      Before: '',
    })
    const found = (name: string) => services.find(service => service.name === name)
    expect(found('MSExchangeIS')).toMatchObject({ startType: 'Automatic', state: 'Running' })
    expect(found('W3SVC')).toMatchObject({ startType: 'Disabled', state: 'Stopped' })
    expect(found('MSExchangeADTopology')?.startType).toBe('Automatic')
  })

  it('of a second attempt counts as running what the first one left stopped, unless somebody disabled it since', async () => {
    const server = mailboxServer()
    const take = { Accounts: [systemSid], Defaults: [], Before: '' }
    await call(server, 'New-Snapshot', { ...take, Run: run })
    for (const name of ['MSExchangeRepl', 'W3SVC']) await server.services.stopWithDependents(name)
    server.services.configure('W3SVC', 'Disabled')
    const { services } = await call(server, 'New-Snapshot', { ...take, Run: `${run}.2`, Before: run })
    const found = (name: string) => services.find(service => service.name === name)
    expect(found('MSExchangeRepl')?.state).toBe('Running')
    expect(found('W3SVC')).toMatchObject({ startType: 'Disabled', state: 'Stopped' })
    expect(found('MSExchangePOP3')?.state).not.toBe('Running')
  })
})

describe('starting what ran before', () => {
  it('puts a service after what it needs', () => {
    const service = (name: string, dependsOn: string[]) => ({
      name,
      displayName: name,
      startType: 'Automatic' as const,
      state: 'Running' as const,
      dependsOn,
    })
    const settings = {
      crl: {},
      serverCertificateRevocation: {},
      executionPolicy: {
        MachinePolicy: null,
        UserPolicy: null,
        CurrentUser: null,
        LocalMachine: null,
        LocalMachine32: null,
      },
      installerLogging: null,
    }
    const services = [service('C', ['b']), service('B', ['A']), service('A', []), service('D', ['D'])]
    expect(startOrder({ services, settings }, ['C', 'A', 'D'])).toEqual(['A', 'C', 'D'])
  })

  it('tries again what timed out at its first start, and leaves alone what was stopped', async () => {
    const server = mailboxServer()
    const before = server.services.lines()
    await arm(server)
    await server.services.stopWithDependents('MSExchangeADTopology')
    server.services.leaveUnchecked('MSExchangeIS')
    const seen: ServiceSummary[] = []
    const notes: string[] = []
    const result = await call(
      server,
      'Start-SnapshotService',
      { Run: run, TimeoutSeconds: 600 },
      {
        onProgress: ({ services, note }) => {
          if (services !== undefined) seen.push(services)
          if (note !== undefined) notes.push(note)
        },
      },
    )
    expect(server.services.lines()).toEqual(before)
    expect(result).toMatchObject({ errors: [], services: { down: [] } })
    expect(result.started.indexOf('MSExchangeADTopology')).toBe(0)
    expect(notes).toEqual([expect.stringMatching(/^MSExchangeIS did not start: .*timely fashion/)])
    expect(seen.at(-1)).toEqual(result.services)
  })

  it('says what does not come up when the time is over', async () => {
    const server = mailboxServer()
    await arm(server)
    await server.services.stop('MSExchangeIS')
    server.services.leaveUnchecked('MSExchangeIS')
    const { errors, services } = await call(server, 'Start-SnapshotService', { Run: run, TimeoutSeconds: 0 })
    expect(services.down).toEqual(['MSExchangeIS'])
    expect(errors).toEqual([{ name: 'MSExchangeIS', message: expect.stringContaining('1053') }])
  })

  it('puts a start type back first, each as a change', async () => {
    const server = mailboxServer()
    await arm(server)
    await server.services.stop('MSExchangeIS')
    server.services.configure('MSExchangeIS', 'Disabled')
    const { restored, started } = await call(server, 'Start-SnapshotService', { Run: run, TimeoutSeconds: 600 })
    expect(restored).toEqual([{ setting: 'start-type', scope: 'MSExchangeIS', from: 'Disabled', to: 'Automatic' }])
    expect(started).toEqual(['MSExchangeIS'])
  })
})

describe('a cluster', () => {
  it('moves over, is unhealthy on the way, and stays moved', async () => {
    const active = fleet(8).find(({ cluster, computerName }) => cluster?.activeNode === computerName)
    if (active?.cluster === undefined) throw new Error('no cluster')
    const { cluster } = active
    const target = cluster.nodes.find(node => node !== active.computerName) ?? ''
    const move = { Name: cluster.name, TargetNode: target, TimeoutSeconds: 900 }
    const moving = call(active, 'Move-ClusteredServer', move)
    while (cluster.healthy) await setImmediate()
    expect(await moving).toEqual({ moved: true, activeNode: target, healthy: true })
    expect(await call(active, 'Move-ClusteredServer', move)).toEqual({
      moved: false,
      activeNode: target,
      healthy: true,
    })
  })

  it('is refused by a server that is no node of it', async () => {
    const move = { Name: 'EX-CMS-02', TargetNode: 'EX-MBX-02B', TimeoutSeconds: 900 }
    await expect(call(mailboxServer(), 'Move-ClusteredServer', move)).rejects.toMatchObject({ code: 'CLUSTER_UNKNOWN' })
  })
})

describe('a restart', () => {
  it('gives another boot id, once, though it was asked for twice', async () => {
    const server = mailboxServer()
    const restart = { Run: run, DelaySeconds: 5 }
    await expect(call(server, 'Restart-Server', restart)).rejects.toMatchObject({ code: 'NO_RUN' })
    await call(server, 'New-Snapshot', { Run: run, Accounts: [systemSid], Defaults: [], Before: '' })
    const { bootId } = await call(server, 'Restart-Server', restart)
    expect(await call(server, 'Restart-Server', restart)).toEqual({ bootId })
    await vi.waitUntil(() => server.bootId !== bootId && !server.network.down)
    const boot = await call(server, 'Get-BootState', {})
    expect(boot).toMatchObject({ bootId: expect.not.stringMatching(bootId), ready: true })
    await server.clock.sleep(60_000)
    expect(server.bootId).toBe(boot.bootId)
  })
})

describe('after the job', () => {
  it('lists the logs with their hashes and the events of this run only', async () => {
    installs(async ({ files, events }, _signal, logPath) => {
      files.write(logPath, utf16('\uFEFFlog\r\n'))
      events.write({ log: 'Application', source: 'MsiInstaller', id: 1022, level: 'Information', text: 'installed' })
      return 0
    })
    const server = mailboxServer()
    server.events.write({ log: 'System', source: 'before', id: 1, level: 'Error', text: 'before the run' })
    await server.clock.sleep(5000)
    await arm(server)
    await startJob(server, Buffer.from('a package'))
    await call(server, 'Get-InstallProgress', { Run: run, AfterSeq: 0, LogOffset: 0, LogLine: 0, WaitSeconds: 600 })
    const collect = { Run: run, Kinds: ['msi', 'service-control', 'exchange-setup', 'events'] }
    const { files } = await call(server, 'Get-CollectableLog', collect)
    expect(files.map(({ name }) => name)).toEqual(['952580.log', 'ExchangeSetup.log', 'events.txt'])
    for (const log of files) expect(log.sha256).toBe(sha256(server.files.read(log.path)))
    const events = server.files.text(files.at(-1)?.path ?? '')
    expect(events).toContain('Event ID: 1022')
    expect(events).not.toContain('before the run')
    expect(await call(server, 'Get-CollectableLog', collect)).toEqual({ files })
  })

  it('reads errors of this attempt from UpdateCas.log, not those of earlier ones', async () => {
    const log = `${setupLogs}\\UpdateCas.log`
    installs(async ({ files }) => {
      files.append(log, '[16:50:01] Error updating OWA/ECP: no Active Directory\r\n[16:50:02] done\r\n')
      return 0
    })
    const [, server] = fleet(2)
    if (server === undefined) throw new Error('no cas')
    server.files.write(log, '[09:00:00] Error updating OWA/ECP: long ago\r\n')
    await arm(server)
    await startJob(server, Buffer.from('a package'))
    await call(server, 'Get-InstallProgress', { Run: run, AfterSeq: 0, LogOffset: 0, LogLine: 0, WaitSeconds: 600 })
    const verify = { Run: run, ExpectedBuild: '8.1.311.3', PatchCode: '{11111111-2222-3333-4444-555555555555}' }
    expect(await call(server, 'Test-Installation', verify)).toMatchObject({
      patchRegistered: false,
      differing: [],
      owaErrors: ['[16:50:01] Error updating OWA/ECP: no Active Directory'],
      services: { down: [] },
    })
  })
})
