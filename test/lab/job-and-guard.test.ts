import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { applyFault, heldFile } from '../../src/lab/faults/apply-fault.js'
import { installedExchange } from '../../src/lab/world/installed.js'
import type { LabServer } from '../../src/lab/world/lab-server.js'
import { inProgressKey, softwarePublishing, systemSid } from '../../src/lab/world/windows-places.js'
import { arm, call, mailboxServer, run, startJob } from './model-engine/server.js'

const bytes = readFileSync(join(import.meta.dirname, '../../updates/Exchange2007-KB952580-x64-EN.msp'))
const minute = 60_000

/** Waits until it is so, for at most six hours of the server. */
async function until(server: LabServer, so: () => boolean): Promise<void> {
  for (let look = 0; look < 360 && !so(); look += 1) await server.clock.sleep(minute)
  expect(so()).toBe(true)
}

const state = ({ registry }: LabServer) => registry.number(softwarePublishing(systemSid), 'State')
const startTypes = ({ services }: LabServer) => services.all.map(({ name, startType }) => `${name} ${startType}`)

/** A server without a way to the CRL whose job was started, and that nobody follows any more. */
async function left(...faults: Parameters<typeof applyFault>[1][]): Promise<LabServer> {
  const server = mailboxServer(6000)
  for (const fault of ['crl-unreachable', ...faults] as const) applyFault(server, fault)
  server.registry.set(softwarePublishing(systemSid), 'State', 0x23c00)
  await arm(server)
  await startJob(server, bytes)
  return server
}

describe('a server whose install nobody follows', () => {
  it('is patched and as before, and its guard is gone', async () => {
    const server = await left()
    const before = server.services.lines()
    await until(server, () => server.tasks.names.length === 0)
    expect(installedExchange(server)?.build).toBe('8.1.311.3')
    expect(state(server)).toBe(0x23c00)
    expect(server.services.lines()).toEqual(before)
    expect(server.installsStarted).toBe(1)
  })

  it('with an installer that hangs is left alone until that has ended, and put right then', async () => {
    const server = await left('stall')
    const before = server.services.lines()
    await until(server, () => server.services.find('MSExchangeIS')?.startType === 'Disabled')
    await server.clock.sleep(60 * minute)
    expect(state(server)).toBe(0x23e00)
    expect(server.services.find('MSExchangeIS')?.startType).toBe('Disabled')
    expect((await call(server, 'Get-InstallProgress', look)).guard).toBe('armed')
    server.files.release(heldFile)
    await until(server, () => server.tasks.names.length === 0)
    expect(state(server)).toBe(0x23c00)
    expect(server.services.lines()).toEqual(before)
  })

  it('that loses its power in the middle gets its settings and start types back, and starts nothing on mixed files', async () => {
    const server = await left('stall')
    const before = startTypes(server)
    await until(server, () => server.registry.has(inProgressKey))
    await server.reboot()
    await until(server, () => server.tasks.names.length === 0)
    expect(state(server)).toBe(0x23c00)
    expect(startTypes(server)).toEqual(before)
    const running = server.services.all.filter(
      ({ name, state: now }) => name.startsWith('MSExchange') && now === 'Running',
    )
    expect(running).toEqual([])
    expect(server.installsStarted).toBe(1)
  })
})

const look = { Run: run, AfterSeq: 0, LogOffset: 0, LogLine: 0, WaitSeconds: 0 }
