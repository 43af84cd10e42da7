import type { LabServer } from '../../world/lab-server.js'
import { softwarePublishing } from '../../world/windows-places.js'
import type { Transaction } from '../transaction.js'

/** WTPF_IGNOREREVOKATION (exchange.md 3.1). */
const ignoreRevocation = 0x200
/** `State` as Windows has it without a value (article, Common 3). */
const defaultState = 0x23c00
const retryMs = 15_000
/** What slow answers of the revocation servers cost an installation, in server milliseconds. */
const slowMs = 60_000

/**
 * .NET makes native images of the new assemblies and checks each one's signature with its revocation list (article, Common 3). With
 * checking on and no way to the list it never gets any further: every assembly waits for an answer that does not come.
 */
export async function makeNativeImages(transaction: Transaction): Promise<void> {
  const { server, sid, payload } = transaction
  transaction.operation('CreateNativeImages', 'Creating Native images for .NET assemblies')
  server.network.falter()
  while (checksRevocation(server, sid) && server.network.crl === 'unreachable') await transaction.wait(retryMs)
  if (checksRevocation(server, sid) && server.network.crl === 'slow') await transaction.wait(slowMs)
  await transaction.spend(
    0.2,
    payload
      .filter(({ assembly }) => assembly)
      .map(
        ({ folder, name }) =>
          `Executing op: CustomActionSchedule(Action=NativeImage,ActionType=3073,Source=BinaryData,Target=QuietExec,CustomActionData="ngen.exe" install "${folder}\\${name}" /queue)`,
      ),
  )
}

function checksRevocation({ registry }: LabServer, sid: string): boolean {
  return ((registry.number(softwarePublishing(sid), 'State') ?? defaultState) & ignoreRevocation) === 0
}
