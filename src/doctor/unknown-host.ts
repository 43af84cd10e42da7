import { errorInfo } from '../errors.js'
import type { InventoryServer } from '../inventory/model.js'
import { openSecrets } from '../secrets/secrets.js'
import { type Hop, Way } from './hop.js'
import { lookAtNetwork, lookMs } from './network.js'
import { askWhatIsSpoken } from './second-look.js'
import { lookAtSshServer } from './ssh.js'
import { lookAtListener } from './winrm.js'

type Kind = 'ssh' | 'http' | 'https'

/** The ways in that a Windows server may have, on their usual ports. */
const usual: readonly (readonly [Kind, number])[] = [
  ['ssh', 22],
  ['http', 5985],
  ['https', 5986],
]

export interface WayIn {
  /** `ssh`, `winrm` or `winrm over https` */
  transport: string
  where: string
  hops: Hop[]
}

/** What can be seen of a host that no inventory knows, without logging on: names, ports, keys, certificate, schemes, clock. */
export async function lookAtUnknownHost(host: string, port?: number): Promise<WayIn[]> {
  const wanted = port === undefined ? usual : [[await kindAt(host, port), port] as const]
  return Promise.all(
    wanted.map(async ([kind, port]): Promise<WayIn> => {
      const way = new Way(() => performance.now(), errorInfo)
      const transport = kind === 'ssh' ? 'ssh' : kind === 'https' ? 'winrm over https' : 'winrm'
      await lookAtNetwork(way, host, port, kind === 'ssh' ? 'ssh' : 'winrm')
      if (kind === 'ssh')
        await lookAtSshServer(way, { host, port, isJump: false, pin: undefined, pinSetting: 'host_key' })
      else
        await lookAtListener(way, unknownServer(host, port, { scheme: kind }), openSecrets({ env: {} }), {
          stranger: true,
        })
      return { transport, where: `${host}:${port}`, hops: way.hops }
    }),
  )
}

/** What a port speaks; where nobody answers, what the port is usually for. */
async function kindAt(host: string, port: number): Promise<Kind> {
  const spoken = await askWhatIsSpoken({ host, port, patienceMs: lookMs, protocols: ['tls', 'http', 'other'] })
  if (spoken?.protocol === 'other' && spoken.greeting.startsWith('SSH-')) return 'ssh'
  if (spoken?.protocol === 'tls') return 'https'
  if (spoken?.protocol === 'http') return 'http'
  return usual.find(([, known]) => known === port)?.[0] ?? 'http'
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
