import { setMaxListeners } from 'node:events'
import type { Fleet } from '../fleet/survey.js'
import { selectServers } from '../inventory/select.js'
import { transports } from '../transport/transport-for.js'
import { askSecrets } from './ask-secrets.js'
import type { CommandIo } from './io.js'
import { readInventory } from './read-input.js'

/**
 * The servers that `--limit` selects of an inventory, with their secrets asked for and Ctrl-C listened to. `close` takes the handlers off.
 * Throws `UsageError` as `readInventory` and `selectServers` do.
 */
export async function openFleet(
  { inventory, limit }: { inventory: string; limit?: string },
  io: CommandIo,
): Promise<Fleet & { close: () => void }> {
  const found = readInventory(inventory)
  const servers = limit === undefined ? found.servers : selectServers(found, limit)
  const secrets = await askSecrets(servers, io)
  const leaving = new AbortController()
  // Every server of the fleet listens to it.
  setMaxListeners(0, leaving.signal)
  const leave = () => leaving.abort(new Error('stopped by the operator'))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, leave)
  io.host?.stop.addEventListener('abort', leave)
  return {
    servers,
    transportFor: transports({ secrets }),
    signal: leaving.signal,
    close: () => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, leave)
      io.host?.stop.removeEventListener('abort', leave)
    },
  }
}
