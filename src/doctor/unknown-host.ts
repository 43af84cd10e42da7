import { errorInfo } from '../errors.js'
import type { InventoryServer } from '../inventory/model.js'
import { openSecrets } from '../secrets/secrets.js'
import { type Hop, Way } from './hop.js'
import { lookAtNetwork } from './network.js'
import { lookAtListener } from './winrm.js'

/** The ways in that a Windows server may have, on their usual ports. */
const ways = [
  { transport: 'ssh', port: 22, winrm: {} },
  { transport: 'winrm', port: 5985, winrm: { scheme: 'http' } },
  { transport: 'winrm', port: 5986, winrm: { scheme: 'https' } },
] as const

export interface WayIn {
  transport: string
  where: string
  hops: Hop[]
}

/** What can be seen of a host that no inventory knows, without logging on: names, ports, certificate, schemes, clock. */
export async function lookAtUnknownHost(host: string, port?: number): Promise<WayIn[]> {
  const wanted =
    port === undefined ? ways : ways.filter(({ transport }) => transport === 'winrm').map(way => ({ ...way, port }))
  return Promise.all(
    wanted.map(async ({ transport, port, winrm }): Promise<WayIn> => {
      const way = new Way(() => performance.now(), errorInfo)
      await lookAtNetwork(way, host, port, transport)
      if (transport === 'winrm') await lookAtListener(way, unknownServer(host, port, winrm), openSecrets({ env: {} }))
      return { transport, where: `${host}:${port}`, hops: way.hops }
    }),
  )
}

function unknownServer(host: string, port: number, winrm: InventoryServer['winrm']): InventoryServer {
  return {
    name: host,
    host,
    port,
    transport: 'winrm',
    roles: [],
    groups: [],
    internetFacing: false,
    credential: { name: 'none', username: '' },
    ssh: {},
    winrm,
  }
}
