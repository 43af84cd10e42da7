import type { InventoryServer } from '../inventory/model.js'
import type { Secrets } from '../secrets/secrets.js'
import { sshTransport } from './ssh/ssh-transport.js'
import type { Transport } from './transport.js'
import { winrmTransport } from './winrm/winrm-transport.js'

/** The transport that the inventory names for `server`. */
export function transportFor(server: InventoryServer, options: { secrets: Secrets }): Transport {
  return server.transport === 'winrm' ? winrmTransport(server, options) : sshTransport(server, options)
}
