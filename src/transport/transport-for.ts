import type { InventoryServer } from '../inventory/model.js'
import type { Secrets } from '../secrets/secrets.js'
import { autoTransport } from './auto.js'
import type { Transport } from './transport.js'

/** A transport that is a way by itself. */
export type Way = 'ssh' | 'winrm' | 'powershell'

type Maker = (server: InventoryServer, options: { secrets: Secrets }) => Transport

/** Each is loaded when the first server needs it: ssh2, an XML parser and a PowerShell host are half of a short command's start. */
const makers: Record<Way, () => Promise<Maker>> = {
  ssh: async () => (await import('./ssh/ssh-transport.js')).sshTransport,
  winrm: async () => (await import('./winrm/winrm-transport.js')).winrmTransport,
  powershell: async () => (await import('./powershell/powershell-transport.js')).powershellTransport,
}

/**
 * The transport that the inventory names for a server. What `auto` found to work for one is remembered as long as the returned function is:
 * for a run.
 */
export function transports(options: { secrets: Secrets }): (server: InventoryServer) => Transport {
  const remembered = new Map<string, Way>()
  const open = (server: InventoryServer, way: Way): Transport => {
    let made: Promise<Transport> | undefined
    return {
      async connect(signal) {
        made ??= makers[way]().then(make => make({ ...server, transport: way }, options))
        return (await made).connect(signal)
      },
    }
  }
  return server =>
    server.transport === 'auto' ? autoTransport(server, { open, remembered }) : open(server, server.transport)
}
