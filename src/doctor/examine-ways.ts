import type { InventoryServer } from '../inventory/model.js'
import type { Secrets } from '../secrets/secrets.js'
import { allowedWays, atItsPort } from '../transport/auto.js'
import { transports, type Way } from '../transport/transport-for.js'
import { type Examination, examine } from './examine.js'

export interface ExaminedWays {
  /** Each way that was tried, in the order in which a run tries them. */
  ways: Examination[]
  /** What `transport: auto` takes; null where none works. */
  chosen: Way | null
}

/** Goes the ways that `transport: auto` has to a server, up to the first that works. A refused credential ends the search, as it does in a run. */
export async function examineWays(
  server: InventoryServer,
  secrets: Secrets,
  onLook?: (hop: string) => void,
): Promise<ExaminedWays> {
  const transportFor = transports({ secrets })
  const ways: Examination[] = []
  for (const way of allowedWays(server)) {
    const at = { ...atItsPort(server, way), transport: way }
    const examination = await examine({ server: at, secrets, transport: transportFor(at), ...(onLook && { onLook }) })
    ways.push(examination)
    if (examination.reached) return { ways, chosen: way }
    if (examination.refused) break
  }
  return { ways, chosen: null }
}
