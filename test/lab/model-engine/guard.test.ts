import { describe, expect, it, vi } from 'vitest'
import { applyFault } from '../../../src/lab/faults/apply-fault.js'
import { allowRestore } from '../../../src/lab/faults/restore-refused.js'
import type { LabServer } from '../../../src/lab/world/lab-server.js'
import { softwarePublishing, systemSid } from '../../../src/lab/world/windows-places.js'
import { installs } from './scripted-installer.js'
import { arm, call, mailboxServer, pass, run, startJob } from './server.js'

vi.mock('../../../src/lab/msiexec/msiexec.js', () => import('./scripted-installer.js'))

const bytes = Buffer.from('a package')
const minutes = 60_000

function crl(server: LabServer): number | null {
  return server.registry.number(softwarePublishing(systemSid), 'State')
}

/** Waits until the guard has taken itself away, for a day of the server's at most. */
async function disarmed(server: LabServer): Promise<void> {
  for (let waited = 0; server.tasks.names.length > 0; waited += 1) {
    if (waited > 24 * 60) throw new Error('the guard stays')
    await pass(server, minutes)
  }
}

/** An orchestrator that set revocation checking off through its job and is gone, with a server cut off from the list. */
async function abandoned(install: Parameters<typeof installs>[0], leaseMinutes = 10): Promise<LabServer> {
  installs(install)
  const server = mailboxServer()
  server.registry.set(softwarePublishing(systemSid), 'State', 0x23c00)
  server.network.crl = 'unreachable'
  await arm(server, { leaseMinutes })
  await startJob(server, bytes)
  return server
}

const forever = (server: LabServer, signal: AbortSignal) => server.clock.sleep(10 ** 9, signal).then(() => 0)

describe('arming', () => {
  it('refuses a second run and names the first', async () => {
    const server = mailboxServer()
    expect((await arm(server)).tasks).toEqual([`exroll-guard-${run}`])
    await expect(arm(server, { id: 'other' })).rejects.toMatchObject({
      code: 'RUN_ARMED',
      message: expect.stringContaining(run),
    })
  })

  it('says the same when it is asked again', async () => {
    const server = mailboxServer()
    await arm(server)
    expect(await arm(server)).toEqual({ armed: true, tasks: [`exroll-guard-${run}`] })
    expect(server.tasks.names).toEqual([`exroll-guard-${run}`])
  })

  it('is refused without a snapshot', async () => {
    const text = ''
    await expect(
      call(mailboxServer(), 'Register-Guard', {
        Run: run,
        LeaseMinutes: 10,
        GuardScript: text,
        GuardSha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      }),
    ).rejects.toMatchObject({ code: 'NO_SNAPSHOT' })
  })
})

describe('the guard', () => {
  it('takes itself away when nothing was changed and nobody follows', async () => {
    const server = mailboxServer()
    await arm(server)
    await disarmed(server)
    const said = server.events.entries.filter(({ source }) => source === 'exroll')
    expect(said.map(({ id }) => id)).toEqual([3, 1, 4])
  })

  it('does nothing while the job runs, however old the lease is', async () => {
    const server = await abandoned(forever)
    await pass(server, 60 * minutes)
    expect(crl(server)).toBe(0x23e00)
    expect(server.tasks.names).toContain(`exroll-guard-${run}`)
  })

  it('gives whoever followed the whole lease to come back after a restart', async () => {
    const server = await abandoned(forever, 10_000)
    await pass(server, 5000)
    await server.reboot()
    await pass(server, 30 * minutes)
    expect(crl(server)).toBe(0x23e00)
    expect(server.tasks.names).toContain(`exroll-guard-${run}`)
  })

  it('puts settings and start types back after a restart, and starts nothing on half-written files', async () => {
    const server = await abandoned(async (host, signal) => {
      await host.services.stop('MSExchangeIS')
      host.services.configure('MSExchangeIS', 'Disabled')
      return forever(host, signal)
    })
    await pass(server, 10_000)
    await server.reboot()
    await disarmed(server)
    expect(crl(server)).toBe(0x23c00)
    expect(server.services.find('MSExchangeIS')).toMatchObject({ startType: 'Automatic', state: 'Stopped' })
  })

  it('starts what ran when the install has ended and nobody follows', async () => {
    const server = await abandoned(async host => {
      await host.services.stop('MSExchangeIS')
      return 0
    })
    await disarmed(server)
    expect(crl(server)).toBe(0x23c00)
    expect(server.services.find('MSExchangeIS')?.state).toBe('Running')
  })

  it('stays while a setting is refused, and cures it once it is allowed', async () => {
    installs(async () => 0)
    const server = mailboxServer()
    server.registry.set(softwarePublishing(systemSid), 'State', 0x23c00)
    applyFault(server, 'restore-refused')
    await arm(server)
    await startJob(server, bytes)
    await pass(server, 60 * minutes)
    expect(crl(server)).toBe(0x23e00)
    expect(server.tasks.names).toContain(`exroll-guard-${run}`)
    const refused = await call(server, 'Unregister-Guard', { Run: run })
    expect(refused).toMatchObject({
      disarmed: false,
      outstanding: [{ setting: 'crl', scope: systemSid, from: 0x23e00, to: 0x23c00 }],
    })
    allowRestore(server)
    const { restored, disarmed: gone } = await call(server, 'Restore-ServerState', {
      Run: run,
      ServiceTimeoutSeconds: 60,
    })
    expect(restored).toEqual([{ setting: 'crl', scope: systemSid, from: 0x23e00, to: 0x23c00 }])
    expect(gone).toBe(true)
    expect(crl(server)).toBe(0x23c00)
  })

  it('lets nothing be put back for one run while another is armed', async () => {
    const server = mailboxServer()
    await call(server, 'New-Snapshot', { Run: 'other', Accounts: [systemSid], Defaults: [], Before: '' })
    await arm(server)
    await expect(
      call(server, 'Restore-ServerState', { Run: 'other', ServiceTimeoutSeconds: 60 }),
    ).rejects.toMatchObject({
      code: 'RESTORE_BUSY',
      message: expect.stringContaining(run),
    })
  })

  it('is not hurried by a call while the installer is at work', async () => {
    const server = await abandoned(forever)
    await pass(server, 5000)
    await expect(call(server, 'Restore-ServerState', { Run: run, ServiceTimeoutSeconds: 60 })).rejects.toMatchObject({
      code: 'RESTORE_BUSY',
    })
    expect((await call(server, 'Unregister-Guard', { Run: run })).disarmed).toBe(false)
  })
})
