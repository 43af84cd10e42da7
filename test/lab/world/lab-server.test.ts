import { describe, expect, it } from 'vitest'
import { LabClock } from '../../../src/lab/world/clock.js'
import { LabServer } from '../../../src/lab/world/lab-server.js'
import { SeededRandom } from '../../../src/lab/world/seeded-random.js'
import { sessionManager } from '../../../src/lab/world/windows-places.js'
import { spillFolder } from './spill-folder.js'

function server(seed = 7): LabServer {
  return new LabServer({
    name: 'ex-mbx-01',
    seed,
    clock: new LabClock(10_000),
    roles: ['mailbox'],
    spillFolder: spillFolder(),
    installSeconds: 60,
  })
}

describe('a restart of a simulated server', () => {
  it('ends what runs, begins a new boot, and does what waited for it', async () => {
    const one = server()
    const { bootId } = one
    const process = one.processes.start('msiexec.exe', signal => one.clock.sleep(10 ** 9, signal).then(() => 0))
    one.installerMutex = { pid: process.pid }
    one.registry.set(sessionManager, 'PendingFileRenameOperations', ['a', 'b'])
    let cuts = 0
    one.network.onCut(() => {
      cuts += 1
    })
    const back = one.reboot()
    expect(one.network.down).toBe(true)
    await back
    expect(await process.ended).toBeNull()
    expect(one.bootId).not.toBe(bootId)
    expect(one.uptimeMs).toBeLessThan(60 * 60_000)
    expect([one.network.down, one.installerMutex, cuts]).toEqual([false, undefined, 1])
    expect(one.registry.get(sessionManager, 'PendingFileRenameOperations')).toBeUndefined()
  })

  it('that somebody else planned comes once', async () => {
    const one = server()
    one.sufferRestart()
    expect(one.network.down).toBe(false)
    one.foreignRestarts = 1
    const { bootId } = one
    one.sufferRestart()
    one.sufferRestart()
    while (one.network.down) await one.clock.sleep(10_000)
    expect([bootId, one.bootId]).toEqual(['ex-mbx-01-boot-0', 'ex-mbx-01-boot-1'])
    expect(one.events.entries.map(({ id }) => id)).toEqual([1074])
  })
})

describe('the digest of a simulated server', () => {
  it('changes with anything that is changed, and comes back with it', () => {
    const one = server()
    one.services.add({ name: 'A', displayName: 'A', startType: 'Manual', state: 'Stopped', dependsOn: [] })
    const before = one.digest()
    expect(one.digest()).toBe(before)
    one.services.configure('A', 'Disabled')
    expect(one.digest()).not.toBe(before)
    one.services.configure('A', 'Manual')
    expect(one.digest()).toBe(before)
    one.files.write('C:\\x.txt', 'x')
    const withFile = one.digest()
    one.files.write('C:\\x.txt', 'y')
    expect(new Set([before, withFile, one.digest()]).size).toBe(3)
  })
})

describe('what is drawn from a seed', () => {
  it('is the same for the same words, and another for others', () => {
    const draw = (...words: (string | number)[]) => {
      const random = new SeededRandom(...words)
      return Array.from({ length: 8 }, () => random.between(0, 10 ** 6))
    }
    expect(draw(7, 'ex-mbx-01')).toEqual(draw(7, 'ex-mbx-01'))
    expect(draw(7, 'ex-mbx-01')).not.toEqual(draw(8, 'ex-mbx-01'))
    expect(draw('ab', 'c')).not.toEqual(draw('a', 'bc'))
    expect([server(7).account.sid, server(7).account.sid]).toEqual([server(7).account.sid, server(7).account.sid])
    expect(server(7).account.sid).not.toBe(server(8).account.sid)
  })

  it('stays within its bounds', () => {
    const random = new SeededRandom('bounds')
    const drawn = Array.from({ length: 2000 }, () => random.between(3, 5))
    expect([...new Set(drawn)].sort()).toEqual([3, 4, 5])
    expect(random.hex(12)).toMatch(/^[0-9A-F]{12}$/)
  })
})
