import { disabledByInstaller } from '../../products/services.js'
import { addPatch, rollupName } from '../fleet.js'
import type { FaultName } from '../model.js'
import { damageRegistration, productPackage, registeredPatches } from '../world/installed.js'
import type { LabServer } from '../world/lab-server.js'
import { exSetup, installPath, machinePolicy, setupKey, setupLogs, shellPolicy } from '../world/windows-places.js'
import { startOtherInstallation } from './other-installation.js'
import { refuseRestore } from './restore-refused.js'

/** The file that a stalled install waits for: a program every role has. */
export const heldFile = `${installPath}\\Bin\\Microsoft.Exchange.Common.dll`

/**
 * What each fault is in the world (faults.md, the table). A fault only puts the server into a state; what then happens follows from
 * the state. `host-key-changed` is a wrong pin in the inventory and leaves the server as it is.
 */
const faults: Record<FaultName, (server: LabServer) => void> = {
  'wrong-architecture': ({ registry }) => registry.set(setupKey, 'Architecture', 'x86'),
  'interim-update': server => {
    server.files.write(exSetup, '8.1.291.9')
    addPatch(
      server,
      'SP1 RU3 IU1',
      kb => `Interim Update 1 for Exchange Server 2007 Service Pack 1 Update Rollup 3 (${kb}) 8.1.291.9`,
    )
  },
  superseded: server => {
    server.files.write(exSetup, '8.1.336.1')
    addPatch(server, 'SP1 RU5', kb => rollupName(5, kb, '8.1.336.1'))
  },
  'crl-unreachable': ({ network }) => {
    network.crl = 'unreachable'
  },
  'execution-policy': ({ registry }) => registry.set(shellPolicy, 'ExecutionPolicy', 'Restricted'),
  'gpo-execution-policy': ({ registry }) => {
    registry.set(machinePolicy, 'EnableScripts', 1)
    registry.set(machinePolicy, 'ExecutionPolicy', 'AllSigned')
  },
  'not-elevated': ({ account }) => {
    account.elevated = false
  },
  'missing-cached-patch': server => {
    const [patch] = registeredPatches(server)
    if (patch !== undefined) server.files.remove(patch.localPackage)
  },
  'missing-cached-package': server => {
    const path = productPackage(server)
    if (path !== null) server.files.remove(path)
  },
  corruption: damageRegistration,
  'services-not-started': ({ network }) => {
    network.crl = 'slow'
  },
  'services-disabled': server => {
    const lost = [
      'W3SVC',
      'IISADMIN',
      'Winmgmt',
      'RemoteRegistry',
      'MSExchangeServiceHost',
      'MSExchangeTransportLogSearch',
    ]
    for (const name of [...lost, ...anyOwnService(server)]) server.hiddenFromWmi.add(name.toLowerCase())
  },
  'poisoned-service-state': poisonServiceState,
  'owa-broken': ({ network }) => {
    network.directoryOutages = 1
  },
  'service-stop-failed': ({ services }) => {
    const busy = ['MSExchangeIS', 'MSExchangeServiceHost', 'MSExchangeTransport', 'MSExchangeUM'].find(
      name => services.find(name)?.state === 'Running',
    )
    if (busy !== undefined) services.refuseStop(busy)
  },
  'reboot-required': ({ files }) => {
    files.write(heldFile, 'mapped')
    files.pin(heldFile)
  },
  'reboot-mid-install': server => {
    server.foreignRestarts = 1
  },
  'installer-busy': startOtherInstallation,
  'disk-full': ({ files }) => {
    files.freeBytes = 120 * 1024 ** 2
  },
  'old-powershell': server => {
    server.powershellVersion = '1.0'
  },
  stall: ({ files }) => {
    files.write(heldFile, 'held')
    files.hold(heldFile)
  },
  'connection-drop': ({ network }) => {
    network.dropsLeft = 3
  },
  unreachable: ({ network }) => {
    network.down = true
  },
  'auth-failure': ({ account }) => {
    account.password = `not ${account.password}`
  },
  'host-key-changed': () => undefined,
  'corrupt-transfer': ({ network }) => {
    network.damaged = 1
  },
  slow: ({ network }) => {
    network.delayMs = 300
    network.bytesPerSecond = 1_000_000
  },
  'restore-refused': refuseRestore,
}

/** Puts a server into the fault's state. */
export function applyFault(server: LabServer, name: FaultName): void {
  faults[name](server)
}

/** An earlier patch ended half way: what it disabled is still disabled, and its record of the state is left over (exchange.md 0, fact 2). */
function poisonServiceState(server: LabServer): void {
  for (const name of disabledByInstaller('2007', server.roles)) {
    const service = server.services.find(name)
    if (service === undefined) continue
    service.startType = 'Disabled'
    service.state = 'Stopped'
  }
  for (const name of ['ServiceState.xml', 'ServiceStartupMode.xml']) {
    server.files.write(
      `${setupLogs}\\${name}`,
      '<Objs Version="1.1" xmlns="http://schemas.microsoft.com/powershell/2004/04" />\r\n',
    )
  }
}

function anyOwnService(server: LabServer): string[] {
  const own = server.services.all.filter(
    ({ name, startType }) =>
      name.startsWith('MSExchange') && startType === 'Automatic' && name !== 'MSExchangeADTopology',
  )
  return own.slice(0, 2).map(({ name }) => name)
}
