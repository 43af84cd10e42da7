import { ConnectError, errorInfo } from '../errors.js'
import type { InventoryServer } from '../inventory/model.js'
import type { Secrets } from '../secrets/secrets.js'
import type { Transport } from '../transport/transport.js'
import { FaultError } from '../transport/winrm/wsman/client.js'
import { type Hop, Way } from './hop.js'
import { attemptHosted } from './hosted-way.js'
import { lookAtNetwork } from './network.js'
import { lookAtQuotas } from './quotas.js'
import { lookAtServer } from './server.js'
import { lookAtSftp, lookAtShell } from './shell.js'
import { firstSshHost, lookAtSshServer } from './ssh.js'
import { lookAtBinding, lookAtListener } from './winrm.js'

export interface Examination {
  server: string
  /** `host:port`, and the jump host that leads there. */
  where: string
  transport: string
  hops: Hop[]
  /** A session was there. */
  reached: boolean
  /** Somebody answered and said no to the credential, or it could not be had: it is not to be tried another way. */
  refused: boolean
}

export interface ExamineOptions {
  server: InventoryServer
  transport: Transport
  secrets: Secrets
  /** Hears of each look before it is taken. */
  onLook?: (hop: string) => void
}

/** Goes the way to a server hop by hop, and looks around there. Changes nothing on it; a password is tried once. */
export async function examine({ server, transport, secrets, onLook }: ExamineOptions): Promise<Examination> {
  const way = new Way(() => performance.now(), errorInfo, onLook)
  const { host, port } = server
  if (server.transport === 'ssh') {
    const first = firstSshHost(server)
    await lookAtNetwork(way, first.host, first.port, 'ssh')
    await lookAtSshServer(way, first, server.ssh.knownHosts)
  }
  if (server.transport === 'winrm') {
    await lookAtNetwork(way, host, port, 'winrm')
    await lookAtListener(way, server, secrets)
  }
  const hosted =
    server.transport === 'powershell' ? await attemptHosted(way, server, { transport, secrets }) : undefined
  const arrived = await way.look('logon', async () => {
    if (hosted !== undefined && 'error' in hosted) throw hosted.error
    const value = hosted?.session ?? (await transport.connect().catch(withoutShell))
    return { found: `${server.credential.username} is logged on (${how(server)})`, value }
  })
  const session = arrived instanceof ConnectError ? undefined : arrived
  // Before a session was there, as a run sees it: what is no ConnectError ends the search for a way.
  const refused = way.broken && !(way.failure instanceof ConnectError)
  try {
    if (bindsTickets(server)) await lookAtBinding(way, server, secrets)
    await lookAtShell(way, arrived, server.transport)
    if (server.transport === 'ssh') await lookAtSftp(way, session)
    if (server.transport === 'winrm') await lookAtQuotas(way, server, secrets)
    await lookAtServer(way, session, server.roles)
  } finally {
    await session?.close()
  }
  return {
    server: server.name,
    where: `${host}:${port}${through(server)}`,
    transport: server.transport,
    hops: way.hops,
    reached: session !== undefined,
    refused,
  }
}

/** A fault of WS-Management is an answer to a shell's Create: nobody hears one who is not logged on. Throws everything else. */
function withoutShell(error: unknown): ConnectError {
  if (error instanceof ConnectError && error.cause instanceof FaultError) return error
  throw error
}

function bindsTickets({ transport, winrm }: InventoryServer): boolean {
  return transport === 'winrm' && winrm.auth === 'kerberos' && winrm.scheme === 'https'
}

function how(server: InventoryServer): string {
  const { transport, host, winrm } = server
  if (transport !== 'winrm') return `${transport}${through(server)}`
  const { auth = 'negotiate', scheme = 'http', spn } = winrm
  const protection = scheme === 'https' ? 'TLS' : 'sealed messages'
  const bound = scheme === 'https' && auth === 'negotiate' ? ', channel binding' : ''
  return `winrm, ${auth}${auth === 'kerberos' ? ` (${spn ?? 'HTTP'}/${host} first)` : ''}, ${protection}${bound}`
}

function through({ transport, ssh }: InventoryServer): string {
  return transport === 'ssh' && ssh.jump !== undefined ? ` through ${ssh.jump}` : ''
}
