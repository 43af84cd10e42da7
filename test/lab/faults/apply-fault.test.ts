import { describe, expect, it } from 'vitest'
import { applyFault } from '../../../src/lab/faults/apply-fault.js'
import { allowRestore } from '../../../src/lab/faults/restore-refused.js'
import { type FaultName, faultNames } from '../../../src/lab/model.js'
import { isInterim, productPackage, registeredPatches } from '../../../src/lab/world/installed.js'
import type { LabServer } from '../../../src/lab/world/lab-server.js'
import { softwarePublishing, systemSid } from '../../../src/lab/world/windows-places.js'
import { install, serverOf } from '../msiexec/installation.js'

/** Faults of the line or of the inventory: nothing on the server's disk or in its registry is another. */
const beyondTheServer: FaultName[] = [
  'crl-unreachable',
  'not-elevated',
  'services-not-started',
  'services-disabled',
  'owa-broken',
  'service-stop-failed',
  'reboot-mid-install',
  'installer-busy',
  'disk-full',
  'old-powershell',
  'connection-drop',
  'unreachable',
  'auth-failure',
  'host-key-changed',
  'corrupt-transfer',
  'slow',
  'restore-refused',
]

const faulty = (fault: FaultName, role = 'cas'): LabServer => {
  const server = serverOf(role)
  applyFault(server, fault)
  return server
}

describe('a fault', () => {
  it.each(faultNames)('%s is a state that stays, on the server or beyond it', fault => {
    const twice = faulty(fault)
    const digest = twice.digest()
    expect(twice.digest()).toBe(digest)
    expect(digest === serverOf('cas').digest()).toBe(beyondTheServer.includes(fault))
  })

  it('of a missing file takes that file only', () => {
    const patch = faulty('missing-cached-patch')
    expect(registeredPatches(patch).map(({ localPackage }) => patch.files.exists(localPackage))).toEqual([false])
    expect(patch.files.exists(productPackage(patch) ?? '')).toBe(true)
    const product = faulty('missing-cached-package')
    expect(product.files.exists(productPackage(product) ?? '')).toBe(false)
    expect(registeredPatches(product).map(({ localPackage }) => product.files.exists(localPackage))).toEqual([true])
  })

  it('of corruption is in two places that do not depend on each other', () => {
    const server = faulty('corruption')
    expect(productPackage(server)).toBeNull()
    expect(registeredPatches(server).map(({ localPackage }) => localPackage)).toEqual([''])
  })

  it('of an interim update shows it among the patches, by its name', () => {
    expect(
      registeredPatches(faulty('interim-update')).filter(({ displayName }) => isInterim(displayName)),
    ).toHaveLength(1)
  })

  it('restore-refused lets checking be turned off and not on again, until it is lifted', () => {
    const server = faulty('restore-refused')
    const key = softwarePublishing(systemSid)
    server.registry.set(key, 'State', 0x23e00)
    expect(() => server.registry.set(key, 'State', 0x23c00)).toThrow('denied')
    expect(() => server.registry.delete(key, 'State')).toThrow('denied')
    expect(allowRestore(server)).toBe(true)
    server.registry.set(key, 'State', 0x23c00)
    expect(allowRestore(server)).toBe(false)
  })

  it('installer-busy lets go some minutes after it was first in the way', async () => {
    const server = faulty('installer-busy')
    expect(await install(server)).toBe(1618)
    expect(server.installsStarted).toBe(0)
    while (server.installerMutex !== undefined) await server.clock.sleep(30_000)
    expect(await install(server)).toBe(0)
    expect(server.installsStarted).toBe(1)
  })

  it.each([
    ['owa-broken', 0],
    ['reboot-required', 3010],
    ['disk-full', 1603],
    ['service-stop-failed', 1603],
    ['corruption', 1610],
    ['missing-cached-package', 1612],
    ['missing-cached-patch', 1635],
  ] as const)('%s makes an install end with %i', async (fault, code) => {
    expect(await install(faulty(fault))).toBe(code)
  })
})
