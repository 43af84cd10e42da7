import { describe, expect, it, vi } from 'vitest'
import type { LabServer } from '../../../src/lab/world/lab-server.js'
import { shellPolicy, softwarePublishing, systemSid } from '../../../src/lab/world/windows-places.js'
import type { InstallProgress, JobEntry } from '../../../src/scripts/catalog.js'
import { installs, utf16, wasAsked } from './scripted-installer.js'
import { arm, call, mailboxServer, pass, run, startJob } from './server.js'

vi.mock('../../../src/lab/msiexec/msiexec.js', () => import('./scripted-installer.js'))

const bytes = Buffer.from('a package')

async function followed(server: LabServer, seen: JobEntry[] = []): Promise<InstallProgress> {
  for (let look = 0; look < 200; look += 1) {
    const progress = await call(
      server,
      'Get-InstallProgress',
      { Run: run, AfterSeq: seen.at(-1)?.seq ?? 0, LogOffset: 0, LogLine: 0, WaitSeconds: 20 },
      { onProgress: ({ entry }) => entry !== undefined && seen.push(entry) },
    )
    if (progress.job !== 'running') return progress
  }
  throw new Error('the job does not end')
}

function words(entries: JobEntry[]): string[] {
  return entries.map(entry => {
    if (entry.type === 'step') return `${entry.step} ${entry.status === 'started' ? 'started' : entry.outcome}`
    if (entry.type === 'setting') return `${entry.change} ${entry.setting} ${entry.scope}`
    return entry.type === 'exit' ? `exit ${entry.code}` : entry.type
  })
}

describe('the detached job', () => {
  it('does its steps in order and says so as they happen', async () => {
    installs(async () => 0)
    const server = mailboxServer()
    await arm(server)
    expect((await startJob(server, bytes)).started).toBe(true)
    const seen: JobEntry[] = []
    const { job } = await followed(server, seen)
    expect(job).toBe('ended')
    expect(words(seen)).toEqual([
      'guard',
      'settings-on started',
      'settings-on ok',
      'install started',
      'exit 0',
      'install changed',
      'settings-restore started',
      'settings-restore ok',
      'services',
      'ended',
    ])
    expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, index) => index + 1))
  })

  it('is never started twice', async () => {
    installs(async () => 0)
    const server = mailboxServer()
    await arm(server)
    await startJob(server, bytes)
    expect((await startJob(server, bytes)).started).toBe(false)
    await followed(server)
    expect((await startJob(server, bytes)).started).toBe(false)
    expect(server.installsStarted).toBe(1)
  })

  it('is not started without a guard that would clean up behind it', async () => {
    const server = mailboxServer()
    await call(server, 'New-Snapshot', { Run: run, Accounts: [systemSid], Defaults: [], Before: '' })
    await expect(startJob(server, bytes)).rejects.toMatchObject({ code: 'GUARD_NOT_ARMED' })
  })

  it.each([
    { before: 0x23c00, during: 0x23e00 },
    { before: null, during: 0x23e00 },
    { before: 0x100, during: 0x300 },
  ])('turns revocation checking off for the install and back to $before', async ({ before, during }) => {
    let seen: number | null = null
    installs(async ({ registry }) => {
      seen = registry.number(softwarePublishing(systemSid), 'State')
      return 0
    })
    const server = mailboxServer()
    server.network.crl = 'unreachable'
    if (before === null) server.registry.delete(softwarePublishing(systemSid), 'State')
    else server.registry.set(softwarePublishing(systemSid), 'State', before)
    await arm(server)
    await startJob(server, bytes)
    const entries: JobEntry[] = []
    await followed(server, entries)
    expect(seen).toBe(during)
    expect(server.registry.number(softwarePublishing(systemSid), 'State')).toBe(before)
    expect(entries.filter(({ type }) => type === 'setting')).toMatchObject([
      { change: 'changed', setting: 'crl', scope: systemSid, from: before, to: during },
      { change: 'restored', setting: 'crl', scope: systemSid, from: during, to: before },
    ])
  })

  it('leaves revocation checking on where the list can be reached, and where it was told to', async () => {
    const states: (number | null)[] = []
    installs(async ({ registry }) => {
      states.push(registry.number(softwarePublishing(systemSid), 'State'))
      return 0
    })
    const slow = mailboxServer()
    slow.network.crl = 'slow'
    const told = mailboxServer()
    told.network.crl = 'unreachable'
    for (const [server, CrlCheck] of [
      [slow, 'auto'],
      [told, 'leave'],
    ] as const) {
      server.registry.set(softwarePublishing(systemSid), 'State', 0x23c00)
      await arm(server)
      await startJob(server, bytes, { CrlCheck })
      await followed(server)
    }
    expect(states).toEqual([0x23c00, 0x23c00])
  })

  it('lets scripts run for the install and puts Restricted back', async () => {
    let during: string | null = null
    installs(async ({ registry }) => {
      during = registry.text(shellPolicy, 'ExecutionPolicy')
      return 0
    })
    const server = mailboxServer()
    server.registry.set(shellPolicy, 'ExecutionPolicy', 'Restricted')
    await arm(server)
    await startJob(server, bytes)
    await followed(server)
    expect(during).toBe('RemoteSigned')
    expect(server.registry.text(shellPolicy, 'ExecutionPolicy')).toBe('Restricted')
  })

  it('leaves what the article recommends where it was asked to', async () => {
    installs(async () => 0)
    const server = mailboxServer()
    server.registry.set(shellPolicy, 'ExecutionPolicy', 'Restricted')
    server.registry.delete(softwarePublishing(systemSid), 'State')
    await arm(server)
    await startJob(server, bytes, { CrlCheck: 'off-during-install', After: 'recommended' })
    await followed(server)
    expect(server.registry.text(shellPolicy, 'ExecutionPolicy')).toBe('RemoteSigned')
    expect(server.registry.number(softwarePublishing(systemSid), 'State')).toBe(0x23c00)
    expect((await call(server, 'Unregister-Guard', { Run: run })).disarmed).toBe(true)
  })

  it('leaves alone what somebody else set meanwhile, and says so', async () => {
    installs(async ({ registry }) => {
      registry.set(softwarePublishing(systemSid), 'State', 0x40000)
      return 0
    })
    const server = mailboxServer()
    await arm(server)
    await startJob(server, bytes, { CrlCheck: 'off-during-install' })
    const entries: JobEntry[] = []
    await followed(server, entries)
    expect(server.registry.number(softwarePublishing(systemSid), 'State')).toBe(0x40000)
    expect(words(entries)).toContain(`foreign crl ${systemSid}`)
  })

  it('puts start types back that the installer left disabled', async () => {
    installs(async ({ services }) => {
      await services.stop('MSExchangeIS')
      services.configure('MSExchangeIS', 'Disabled')
      return 1603
    })
    const server = mailboxServer()
    await arm(server)
    await startJob(server, bytes)
    const entries: JobEntry[] = []
    await followed(server, entries)
    expect(words(entries)).toEqual(
      expect.arrayContaining([
        'exit 1603',
        'install failed',
        'restored start-type MSExchangeIS',
        'settings-restore changed',
      ]),
    )
    expect(entries).toContainEqual(expect.objectContaining({ type: 'services', down: ['MSExchangeIS'] }))
    const result = await call(server, 'Start-SnapshotService', { Run: run, TimeoutSeconds: 600 })
    expect(result).toMatchObject({ started: ['MSExchangeIS'], errors: [], services: { down: [] } })
  })

  it('waits for another installation to end', async () => {
    let tries = 0
    installs(async () => (++tries < 4 ? 1618 : 0))
    const server = mailboxServer()
    await arm(server)
    await startJob(server, bytes)
    const entries: JobEntry[] = []
    await followed(server, entries)
    expect(tries).toBe(4)
    expect(words(entries).filter(word => word === 'note')).toHaveLength(1)
    expect(words(entries)).toContain('install changed')
  })

  it('gives a busy installer up after its time', async () => {
    installs(async () => 1618)
    const server = mailboxServer()
    await arm(server)
    await startJob(server, bytes, { BusyMinutes: 3 })
    const entries: JobEntry[] = []
    await followed(server, entries)
    expect(words(entries)).toEqual(expect.arrayContaining(['exit 1618', 'install failed', 'ended']))
  })

  it('ends the installer when it is asked to, and restores', async () => {
    installs(async (server, signal) => {
      while (!wasAsked()) await server.clock.sleep(1000, signal)
      return 1602
    })
    const server = mailboxServer()
    server.network.crl = 'unreachable'
    server.registry.set(softwarePublishing(systemSid), 'State', 0x23c00)
    await arm(server)
    await startJob(server, bytes)
    await pass(server, 10_000)
    expect(await call(server, 'Stop-InstallJob', { Run: run })).toEqual({ asked: true })
    const entries: JobEntry[] = []
    await followed(server, entries)
    expect(words(entries)).toContain('exit 1602')
    expect(server.registry.number(softwarePublishing(systemSid), 'State')).toBe(0x23c00)
    expect(await call(server, 'Stop-InstallJob', { Run: run })).toEqual({ asked: false })
  })

  it('is lost, not ended, when the server goes down under it', async () => {
    installs((server, signal) => server.clock.sleep(10 ** 9, signal).then(() => 0))
    const server = mailboxServer()
    await arm(server)
    await startJob(server, bytes)
    await pass(server, 5000)
    await server.reboot()
    expect((await followed(server)).job).toBe('lost')
  })
})

describe('following', () => {
  it('shows the newest lines of the log and goes on where it was', async () => {
    let part = 0
    installs(async ({ files, clock }, signal, logPath) => {
      const until = async (wanted: number): Promise<void> => {
        while (part < wanted) await clock.sleep(1000, signal)
      }
      files.write(logPath, utf16('\uFEFF=== Verbose logging started\r\nAction start 16:40:52: CostInitialize.\r\n'))
      await until(1)
      files.append(logPath, utf16(Array.from({ length: 60 }, (_, index) => `line ${index}\r\n`).join('')))
      files.append(logPath, utf16('half a li'))
      await until(2)
      return 0
    })
    const server = mailboxServer()
    await arm(server)
    await startJob(server, bytes)
    const look = { Run: run, AfterSeq: 0, WaitSeconds: 30 }
    const first = (await call(server, 'Get-InstallProgress', { ...look, LogOffset: 0, LogLine: 0 })).log
    expect(first).toMatchObject({
      line: 2,
      action: 'CostInitialize',
      tail: [{ line: 1, text: '=== Verbose logging started' }, { line: 2 }],
    })
    part = 1
    const { offset = 0, line = 0 } = first ?? {}
    const second = (await call(server, 'Get-InstallProgress', { ...look, LogOffset: offset, LogLine: line })).log
    expect(second?.tail).toHaveLength(40)
    expect(second?.tail.at(-1)).toEqual({ line: 62, text: 'line 59' })
    expect(second).toMatchObject({ line: 62, action: 'CostInitialize' })
    expect((second?.bytes ?? 0) - (second?.offset ?? 0)).toBe(2 * 'half a li'.length)
    part = 2
    expect((await followed(server)).job).toBe('ended')
  })

  it('ends when the session does', async () => {
    installs((server, signal) => server.clock.sleep(10 ** 9, signal).then(() => 0))
    const server = mailboxServer()
    await arm(server)
    await startJob(server, bytes)
    const session = new AbortController()
    const look = call(
      server,
      'Get-InstallProgress',
      { Run: run, AfterSeq: 0, LogOffset: 0, LogLine: 0, WaitSeconds: 10 ** 6 },
      { signal: session.signal },
    )
    session.abort()
    await expect(look).rejects.toThrow('gave no envelope')
  })
})
