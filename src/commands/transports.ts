import { UsageError } from '../errors.js'
import type { InventoryServer } from '../inventory/model.js'
import { toolVersion } from './program.js'

/** Refuses servers whose transport this version does not have. Throws `UsageError` NOT_AVAILABLE. */
export function checkTransports(servers: InventoryServer[]): void {
  const others = servers.filter(({ transport }) => transport !== 'ssh' && transport !== 'winrm')
  if (others.length === 0) return
  throw new UsageError(
    `these servers ask for a transport that exroll ${toolVersion()} does not have: ${others
      .map(server => `${server.name} (${server.transport})`)
      .join(', ')}`,
    { code: 'NOT_AVAILABLE', hint: 'Write transport: ssh or winrm for them, or leave them out with --limit.' },
  )
}
