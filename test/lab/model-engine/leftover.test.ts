import { describe, expect, it, vi } from 'vitest'
import { applyFault } from '../../../src/lab/faults/apply-fault.js'
import { softwarePublishing, systemSid } from '../../../src/lab/world/windows-places.js'
import { installs } from './scripted-installer.js'
import { arm, call, mailboxServer, run, startJob } from './server.js'

vi.mock('../../../src/lab/msiexec/msiexec.js', () => import('./scripted-installer.js'))

const bytes = Buffer.from('a package')

async function ended(fault?: 'restore-refused') {
  installs(async () => 0)
  const server = mailboxServer()
  if (fault !== undefined) applyFault(server, fault)
  await arm(server)
  await startJob(server, bytes)
  await expect
    .poll(async () => (await call(server, 'Get-InstallProgress', progressOf())).job, { timeout: 10_000 })
    .toBe('ended')
  return server
}

function progressOf() {
  return { Run: run, AfterSeq: 0, LogOffset: 0, LogLine: 0, WaitSeconds: 1 }
}

describe('what runs left on a server', () => {
  it('is nothing on a server that no run was at, and asking writes nothing', async () => {
    const server = mailboxServer()
    const before = server.changes.writes
    expect(await call(server, 'Get-ServerLeftover', {})).toEqual({ runs: [], packages: [], leftoverState: [] })
    expect(server.changes.writes).toBe(before)
  })

  it('names the run, what it could not put back, and its guard', async () => {
    const server = await ended('restore-refused')
    const { runs } = await call(server, 'Get-ServerLeftover', {})
    expect(runs).toMatchObject([
      {
        run,
        armed: true,
        outstanding: [{ setting: 'crl', scope: systemSid }],
        tasks: [`exroll-guard-${run}`, `exroll-job-${run}`],
      },
    ])
  })

  it('is no longer outstanding once the guard was taken away, whatever somebody changes later', async () => {
    const server = await ended()
    await call(server, 'Unregister-Guard', { Run: run })
    server.registry.set(softwarePublishing(systemSid), 'State', 0x23e00)
    server.services.configure('MSExchangeIS', 'Manual')
    const { runs } = await call(server, 'Get-ServerLeftover', {})
    expect(runs).toMatchObject([{ run, armed: false, outstanding: [], down: [] }])
  })

  it('is removed only when it is settled', async () => {
    const server = await ended()
    const armed = await call(server, 'Remove-ServerLeftover', { Runs: [run], Packages: [] })
    expect(armed).toEqual({ removed: [], kept: [{ name: run, why: expect.stringContaining('restore') }] })
    await call(server, 'Unregister-Guard', { Run: run })
    expect((await call(server, 'Remove-ServerLeftover', { Runs: [run], Packages: [] })).removed).toEqual([run])
    expect((await call(server, 'Get-ServerLeftover', {})).runs).toEqual([])
  })

  it('refuses names that lead elsewhere', async () => {
    const server = mailboxServer()
    await expect(call(server, 'Remove-ServerLeftover', { Runs: ['..\\packages'], Packages: [] })).rejects.toMatchObject(
      { code: 'RUN_NAME' },
    )
    const elsewhere = 'C:\\Windows\\Installer\\5c321.msp'
    const { removed, kept } = await call(server, 'Remove-ServerLeftover', { Runs: [], Packages: [elsewhere] })
    expect([removed, kept.map(({ name }) => name)]).toEqual([[], [elsewhere]])
  })

  it('keeps a package that an installed patch came from', async () => {
    const server = mailboxServer()
    const folder = 'C:\\ProgramData\\exroll\\packages'
    const needed = `${folder}\\0a1b2c3d\\Exchange2007-KB948016-x64-EN.msp`
    const free = `${folder}\\0a1b2c3e\\Exchange2007-KB000000-x64-EN.msp`
    for (const path of [needed, free]) server.files.write(path, 'a package')
    const { packages } = await call(server, 'Get-ServerLeftover', {})
    expect(packages.filter(({ neededBy }) => neededBy !== '').map(({ path }) => path)).toEqual([needed])
    const result = await call(server, 'Remove-ServerLeftover', { Runs: [], Packages: [needed, free] })
    expect(result).toEqual({ removed: [free], kept: [{ name: needed, why: expect.stringContaining('KB948016') }] })
  })
})

describe('setting left-over state aside', () => {
  it('renames it so that no patch finds it, and never over an older one', async () => {
    const server = mailboxServer()
    applyFault(server, 'poisoned-service-state')
    const { leftoverState } = await call(server, 'Get-ServerLeftover', {})
    expect(leftoverState.length).toBe(2)
    server.files.write(`${leftoverState[0]}.old`, 'of last year')
    const { moved } = await call(server, 'Move-LeftoverState', {})
    expect(moved).toEqual([`${leftoverState[0]}.old2`, `${leftoverState[1]}.old`])
    expect(server.files.text(`${leftoverState[0]}.old`)).toBe('of last year')
    expect((await call(server, 'Get-ServerLeftover', {})).leftoverState).toEqual([])
  })

  it('is refused while a guard is armed', async () => {
    const server = mailboxServer()
    await arm(server)
    await expect(call(server, 'Move-LeftoverState', {})).rejects.toMatchObject({ code: 'STATE_IN_USE' })
  })
})
