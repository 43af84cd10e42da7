import type { InventoryServer } from '../inventory/model.js'
import type { Secrets } from '../secrets/secrets.js'
import { autoTransport } from './auto.js'
import { powershellTransport } from './powershell/powershell-transport.js'
import { sshTransport } from './ssh/ssh-transport.js'
import type { Transport } from './transport.js'
import { winrmTransport } from './winrm/winrm-transport.js'

/** A transport that is a way by itself. */
export type Way = 'ssh' | 'winrm' | 'powershell'

const makers: Record<Way, (server: InventoryServer, options: { secrets: Secrets }) => Transport> = {
  ssh: sshTransport,
  winrm: winrmTransport,
  powershell: powershellTransport,
}

/**
 * The transport that the inventory names for a server. What `auto` found to work for one is remembered as long as the returned function is:
 * for a run.
 */
export function transports(options: { secrets: Secrets }): (server: InventoryServer) => Transport {
  const remembered = new Map<string, Way>()
  const open = (server: InventoryServer, way: Way) => makers[way]({ ...server, transport: way }, options)
  return server =>
    server.transport === 'auto' ? autoTransport(server, { open, remembered }) : open(server, server.transport)
}
