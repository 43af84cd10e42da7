import PQueue from 'p-queue'
import { type ErrorInfo, errorInfo, ToolError } from '../errors.js'
import type { InventoryServer } from '../inventory/model.js'
import { createLink, type Link } from '../run/link.js'
import type { ServerFact, ServerLeftover } from '../scripts/catalog.js'
import { systemSid } from '../scripts/catalog.js'
import type { Transport } from '../transport/transport.js'

export interface Fleet {
  servers: InventoryServer[]
  transportFor: (server: InventoryServer) => Transport
  signal: AbortSignal
}

/** What one server says of what earlier runs left on it; or why it could not be asked. */
export type Survey = { server: InventoryServer } & (
  | { fact: ServerFact; leftover: ServerLeftover }
  | { error: ErrorInfo }
)

/** Servers asked or put right at the same time. */
const atOnce = 25
/** How long a lost connection is tried again, in milliseconds. */
const patienceMs = 60_000

/** Asks every server, in the order of the inventory. Reads only; a server that cannot be asked is a value. */
export async function surveyServers(fleet: Fleet): Promise<Survey[]> {
  return forEachServer(fleet, fleet.servers, async (link, server): Promise<Survey> => {
    const fact = await link.call('Get-ServerFact', { Accounts: [systemSid], JobAccount: '' })
    return { server, fact, leftover: await link.call('Get-ServerLeftover', {}) }
  })
}

/** Calls `act` with a link to each server, `atOnce` at a time; what it throws on purpose becomes that server's `error`. */
export async function forEachServer<T>(
  { transportFor, signal }: Fleet,
  servers: InventoryServer[],
  act: (link: Link, server: InventoryServer) => Promise<T>,
): Promise<(T | { server: InventoryServer; error: ErrorInfo })[]> {
  const queue = new PQueue({ concurrency: atOnce })
  return queue.addAll(
    servers.map(server => async () => {
      const link = createLink({ transport: transportFor(server), signal, patienceMs })
      try {
        await link.connect()
        return await act(link, server)
      } catch (error) {
        if (!(error instanceof ToolError)) throw error
        return { server, error: errorInfo(error) }
      } finally {
        await link.close().catch(() => undefined)
      }
    }),
  )
}
