import { describe, expect, it } from 'vitest'
import { readLog } from '../../../src/diagnosis/read-log.js'
import { addPatch } from '../../../src/lab/fleet.js'
import { askToEnd, startInstaller } from '../../../src/lab/msiexec/msiexec.js'
import { serviceControlLog } from '../../../src/lab/msiexec/service-control.js'
import { stateFile } from '../../../src/lab/msiexec/service-state-file.js'
import { installedExchange, kbOf, productPackage, registeredPatches } from '../../../src/lab/world/installed.js'
import type { LabServer } from '../../../src/lab/world/lab-server.js'
import {
  exSetup,
  inProgressKey,
  machinePolicy,
  setupKey,
  shellPolicy,
  softwarePublishing,
  systemSid,
} from '../../../src/lab/world/windows-places.js'
import {
  eventIds,
  install,
  logLines,
  logPath,
  packageBytes,
  packagePath,
  reached,
  serverOf,
  servers,
} from './installation.js'

const services = ({ services: manager }: LabServer) => manager.lines()

describe('a rollup that goes well', () => {
  it('brings the new build, registers itself and keeps a copy of its package', async () => {
    const server = serverOf('mailbox')
    expect(await install(server)).toBe(0)
    expect(installedExchange(server)?.build).toBe('8.1.311.3')
    const patch = registeredPatches(server).find(({ displayName }) => kbOf(displayName) === 'KB952580')
    expect(server.files.read(patch?.localPackage ?? '')).toEqual(packageBytes)
    expect(eventIds(server)).toEqual([1022, 1036, 1035])
    expect(server.installsStarted).toBe(1)
  })

  it.each(['mailbox', 'cas', 'hub', 'edge', 'um'])(
    'gives the services of a %s server back as they were',
    async role => {
      const server = serverOf(role)
      const before = services(server)
      await install(server)
      expect(services(server)).toEqual(before)
      expect(server.files.exists(stateFile)).toBe(false)
    },
  )

  it('leaves no mark of a transaction behind', async () => {
    const server = serverOf('hub')
    await install(server)
    expect(server.registry.has(inProgressKey)).toBe(false)
    expect(server.installerMutex).toBeUndefined()
  })

  it('updates Outlook Web Access on Client Access servers only', async () => {
    const [cas, hub] = [serverOf('cas'), serverOf('hub')]
    await Promise.all([install(cas), install(hub)])
    expect(cas.files.text('C:\\ExchangeSetupLogs\\UpdateCas.log')).toContain('OWA web.config updated')
    expect(hub.files.exists('C:\\ExchangeSetupLogs\\UpdateCas.log')).toBe(false)
  })

  it('owes a restart where a file is in use by a program that only closes with Windows', async () => {
    const server = serverOf('cas')
    server.files.pin('C:\\Program Files\\Microsoft\\Exchange Server\\Bin\\Microsoft.Exchange.Common.dll')
    expect(await install(server)).toBe(3010)
    expect(eventIds(server)).toContain(1038)
  })
})

describe('the verbose log', () => {
  it('is tens of thousands of lines that grow while it runs', async () => {
    const server = serverOf('mailbox', { installSeconds: 900 })
    let over = false
    const ended = install(server).finally(() => {
      over = true
    })
    const sizes: number[] = []
    while (!over) {
      await server.clock.sleep(20_000)
      sizes.push(server.files.stat(logPath)?.bytes ?? 0)
    }
    expect(new Set(sizes).size).toBeGreaterThan(5)
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b))
    expect(await ended).toBe(0)
    expect(logLines(server).length).toBeGreaterThan(20_000)
  })

  it('is the same for the same seed, but for the time of day', async () => {
    const text = async (seed: number) => {
      const server = serverOf('cas', { seed })
      await install(server)
      return logLines(server).map(line => line.replace(/\[?\b\d{1,2}:\d\d:\d\d(:\d{3}\])?/g, 'TIME'))
    }
    const [one, two, other] = await Promise.all([text(7), text(7), text(8)])
    expect(one).toEqual(two)
    expect(other).not.toEqual(one)
  })

  it('is read as a success, with the update and its KB', async () => {
    const server = serverOf('um')
    await install(server)
    const { kind, attempts } = readLog(server.files.read(logPath), () => [])
    expect(kind).toBe('msi')
    expect(attempts).toMatchObject([{ outcome: 'succeeded', exitCode: 0, kb: 'KB952580' }])
  })
})

describe('a server that the rollup cannot go on', () => {
  const failing: [string, (server: LabServer) => void, number, string][] = [
    [
      'an x86 Exchange',
      ({ registry }) => registry.set(setupKey, 'Architecture', 'x86'),
      1603,
      'The version of this file is not compatible',
    ],
    [
      'an interim update',
      server => addPatch(server, 'SP1 RU3 IU1', kb => `Interim Update 1 for Exchange Server 2007 (${kb})`),
      1603,
      'a previous Interim Update for Exchange Server 2007 has been installed',
    ],
    [
      'a newer rollup',
      ({ files }) => files.write(exSetup, '8.1.336.1'),
      1603,
      'has been superseded by the currently installed Update Rollup',
    ],
    ['another service pack', ({ files }) => files.write(exSetup, '8.2.176.2'), 1642, 'is not applicable.'],
    [
      'a cached .msp that is gone',
      server => server.files.remove(registeredPatches(server)[0]?.localPackage ?? ''),
      1635,
      'Unable to create a temp copy of patch',
    ],
    [
      'a cached .msi that is gone',
      server => server.files.remove(productPackage(server) ?? ''),
      1612,
      'Warning: Local cached package',
    ],
    [
      'a full disk',
      ({ files }) => {
        files.freeBytes = 100 * 1024 ** 2
      },
      1603,
      'Out of disk space',
    ],
    [
      'the execution policy Restricted',
      ({ registry }) => registry.set(shellPolicy, 'ExecutionPolicy', 'Restricted'),
      1603,
      'Action ended',
    ],
  ]

  it.each(failing)('%s: changes nothing, says so in log and events', async (_what, make, code, said) => {
    const server = serverOf('mailbox')
    make(server)
    const before = {
      services: services(server),
      build: installedExchange(server)?.build,
      patches: registeredPatches(server),
    }
    expect(await install(server)).toBe(code)
    expect(services(server)).toEqual(before.services)
    expect(installedExchange(server)?.build).toBe(before.build)
    expect(registeredPatches(server)).toEqual(before.patches)
    expect(logLines(server).some(line => line.includes(said))).toBe(true)
    expect(eventIds(server)[0]).toBe(1023)
    const { attempts } = readLog(server.files.read(logPath), () => [])
    expect(attempts).toMatchObject([{ outcome: 'failed', exitCode: code }])
  })

  it('a policy that forbids scripts: the lines of the article, in its order', async () => {
    const server = serverOf('mailbox')
    server.registry.set(shellPolicy, 'ExecutionPolicy', 'Restricted')
    await install(server)
    const text = logLines(server).join('\n')
    expect(text).toMatch(
      /PROPERTY CHANGE: Deleting QtExecCmdLine property\. Its current value is .*servicecontrol\.ps1' BeforePatch"'\.\n.*Creating MSIHANDLE \(4\) of type 790531.*\nCAQuietExec: {2}Error 0x80070001: Command line returned an error\.\n.*\n.*\nCAQuietExec: {2}Error 0x80070001: CAQuietExec Failed\n.*\nAction ended \d{1,2}:\d\d:\d\d: CA_SAVEDATA_STOP_SERVICES\. Return value 3\.\n/,
    )
    expect(server.files.exists(serviceControlLog)).toBe(false)
  })

  it('a policy of Group Policy: fails after the files, with WMI stopped, and leaves services off (KB2810617)', async () => {
    const server = serverOf('mailbox')
    server.registry.set(machinePolicy, 'EnableScripts', 1)
    server.registry.set(machinePolicy, 'ExecutionPolicy', 'AllSigned')
    const build = installedExchange(server)?.build
    expect(await install(server)).toBe(1603)
    expect(logLines(server).some(line => line.includes('AuthorizationManager check failed.'))).toBe(true)
    expect(server.services.find('MSExchangeIS')).toMatchObject({ startType: 'Disabled', state: 'Stopped' })
    expect(installedExchange(server)?.build).toBe(build)
    expect(server.files.exists(stateFile)).toBe(true)
  })

  it('a package that is no patch: 1636, and one that is not there: 1635', async () => {
    const [one, two] = servers({ servers: 2 })
    one?.files.write(packagePath, 'not a patch')
    two?.files.remove(packagePath)
    expect(await Promise.all([one, two].map(server => server && install(server)))).toEqual([1636, 1635])
    expect(one?.installsStarted).toBe(0)
  })

  it('another installation: 1618, and this one never began', async () => {
    const server = serverOf('hub')
    server.installerMutex = { pid: 4 }
    expect(await install(server)).toBe(1618)
    expect(server.installsStarted).toBe(0)
    expect(server.installerMutex).toEqual({ pid: 4 })
  })
})

describe('revocation checking', () => {
  it('holds the install for ever where the list cannot be reached, until checking is off', async () => {
    const server = serverOf('hub')
    server.network.crl = 'unreachable'
    server.registry.set(softwarePublishing(systemSid), 'State', 0x23c00)
    const ended = install(server)
    await reached(server, 'Creating Native images for .NET assemblies')
    await server.clock.sleep(600_000)
    expect(server.installerMutex).toBeDefined()
    expect(logLines(server).at(-2)).toContain('Creating Native images for .NET assemblies')
    server.registry.set(softwarePublishing(systemSid), 'State', 0x23e00)
    expect(await ended).toBe(0)
  })

  it('counts as on where nobody ever set the value', async () => {
    const server = serverOf('hub')
    server.network.crl = 'unreachable'
    server.registry.delete(softwarePublishing(systemSid), 'State')
    const process = startInstaller(server, { packagePath, logPath, sid: systemSid })
    await reached(server, 'Creating Native images for .NET assemblies')
    askToEnd(process)
    expect(await process.ended).toBe(1602)
  })

  it('that is off needs no list at all', async () => {
    const server = serverOf('hub')
    server.network.crl = 'unreachable'
    server.registry.set(softwarePublishing(systemSid), 'State', 0x23e00)
    expect(await install(server)).toBe(0)
  })

  it('answered slowly: managed services do not come up at their first start', async () => {
    const server = serverOf('mailbox')
    server.network.crl = 'slow'
    expect(await install(server)).toBe(0)
    expect(server.events.entries.filter(({ id }) => id === 7000).length).toBeGreaterThan(2)
    expect(server.services.find('MSExchangeRepl')).toMatchObject({ startType: 'Automatic', state: 'Stopped' })
  })
})

describe('what happens to a server while an installer works', () => {
  it('a shaky line is cut three times, and the install does not notice', async () => {
    const server = serverOf('cas')
    let cuts = 0
    server.network.onCut(() => {
      cuts += 1
    })
    server.network.dropsLeft = 3
    expect(await install(server)).toBe(0)
    expect([cuts, server.network.dropsLeft]).toEqual([3, 0])
  })

  it('a restart by somebody else cuts it in the middle: new build, no registration, services off', async () => {
    const server = serverOf('mailbox', { installSeconds: 300 })
    server.foreignRestarts = 1
    expect(await install(server)).toBeNull()
    while (server.network.down) await server.clock.sleep(10_000)
    expect(installedExchange(server)?.build).toBe('8.1.311.3')
    expect(registeredPatches(server).some(({ displayName }) => kbOf(displayName) === 'KB952580')).toBe(false)
    expect(server.services.find('MSExchangeIS')).toMatchObject({ startType: 'Disabled', state: 'Stopped' })
    expect([server.registry.has(inProgressKey), server.installerMutex]).toEqual([true, undefined])
    expect(readLog(server.files.read(logPath), () => []).attempts).toMatchObject([{ outcome: 'incomplete' }])
  })
})

describe('the end of an installer from outside', () => {
  it('that is asked to end rolls the files back, and leaves the services as the script left them', async () => {
    const server = serverOf('mailbox')
    const held = 'C:\\Program Files\\Microsoft\\Exchange Server\\Bin\\Microsoft.Exchange.Common.dll'
    server.files.hold(held)
    const build = installedExchange(server)?.build
    const process = startInstaller(server, { packagePath, logPath, sid: systemSid })
    await reached(server, 'Verifying accessibility of file: Microsoft.Exchange.Common.dll')
    askToEnd(process)
    expect(await process.ended).toBe(1602)
    expect(installedExchange(server)?.build).toBe(build)
    expect(server.services.find('MSExchangeIS')?.startType).toBe('Disabled')
    expect(server.registry.has(inProgressKey)).toBe(false)
    expect(readLog(server.files.read(logPath), () => []).attempts).toMatchObject([
      { outcome: 'failed', exitCode: 1602 },
    ])
  })

  it('that is cut off leaves its transaction open, and the next one undoes it first', async () => {
    const server = serverOf('mailbox', { installSeconds: 900 })
    const process = startInstaller(server, { packagePath, logPath, sid: systemSid })
    while (server.files.text(exSetup) !== '8.1.311.3') await server.clock.sleep(5000)
    process.kill()
    expect(await process.ended).toBeNull()
    expect(server.registry.has(inProgressKey)).toBe(true)
    expect(server.services.find('MSExchangeIS')?.startType).toBe('Disabled')
    expect(await install(server)).toBe(0)
    expect(logLines(server).some(line => line.includes('Suspended install detected'))).toBe(true)
    expect(server.registry.has(inProgressKey)).toBe(false)
  })
})
