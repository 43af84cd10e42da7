import type { LabServer } from '../world/lab-server.js'
import type { RegistryData } from '../world/registry.js'

const denial = 'restore-refused'
const ignoreRevocation = 0x200

/**
 * Some agent on the server lets revocation checking be turned off and never on again. It shows only where a run turns checking off,
 * so the server has no way to the CRL either.
 */
export function refuseRestore({ registry, network }: LabServer): void {
  network.crl = 'unreachable'
  registry.deny(denial, (key, name, data) => {
    return /\\Software Publishing$/i.test(key) && name.toLowerCase() === 'state' && turnsChecksOn(data)
  })
}

/** The agent is gone. False when there was none. */
export function allowRestore({ registry }: LabServer): boolean {
  return registry.lift(denial)
}

function turnsChecksOn(data: RegistryData | null): boolean {
  return typeof data !== 'number' || (data & ignoreRevocation) === 0
}
