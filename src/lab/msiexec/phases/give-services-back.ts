import type { LabServer } from '../../world/lab-server.js'
import { runScript } from '../quiet-exec.js'
import { afterPatch } from '../service-control.js'
import { InstallEnd, type Transaction } from '../transaction.js'
import { updateCas } from '../update-cas.js'

/** Services of Exchange whose programs are native code: nothing checks a signature when they start. */
const native = new Set(['msexchangeis', 'msexchangesa'])

/** After the files: start types and services come back, and a Client Access server gets its new OWA. */
export async function giveServicesBack(transaction: Transaction): Promise<void> {
  const { server, killed, patch } = transaction
  signedAnew(server)
  await deferred(transaction, 'CA_RESTORE_SERVICES', 'Starting services', () =>
    runScript(transaction, 'servicecontrol.ps1', 'AfterPatch', () => afterPatch(server, killed)),
  )
  transaction.check()
  if (!server.roles.includes('cas')) return
  await deferred(transaction, 'CA_UPDATE_CAS', 'Updating Outlook Web Access', () =>
    runScript(transaction, 'UpdateCas.ps1', patch.build ?? '', async () => {
      updateCas(server, patch.build ?? '')
      return 0
    }),
  )
}

/**
 * The programs of the managed services are new, with two signatures (exchange.md 3.1): where revocation lists come slowly, the first
 * start of each outlasts the service manager's patience (KB944752).
 */
function signedAnew({ network, services }: LabServer): void {
  if (network.crl !== 'slow') return
  for (const { name } of services.all) {
    if (name.startsWith('MSExchange') && !native.has(name.toLowerCase())) services.leaveUnchecked(name)
  }
}

/** A custom action of the script. Its failure is told in a line of its own, and then by InstallFinalize. */
async function deferred(
  transaction: Transaction,
  name: string,
  description: string,
  body: () => Promise<void>,
): Promise<void> {
  transaction.operation(name, description)
  try {
    await body()
  } catch (error) {
    if (error instanceof InstallEnd && error.returnValue === 3) {
      transaction.log.bare(
        `CustomAction ${name} returned actual error code 1603 (note this may not be 100% accurate if translation happened inside sandbox)`,
      )
    }
    throw error
  }
}
