import { AuthError, ConnectError, errorInfo } from '../errors.js'
import type { InventoryServer } from '../inventory/model.js'
import type { Secrets } from '../secrets/secrets.js'
import type { Session, Transport } from '../transport/transport.js'
import { type Hop, Way } from './hop.js'
import { lookAtNetwork } from './network.js'
import { lookAtServer } from './server.js'
import { lookAtBinding, lookAtListener, lookAtQuotas } from './winrm.js'

export interface Examination {
  server: string
  /** `host:port` */
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
}

/** Goes the way to a server hop by hop, and looks around there. Changes nothing on it; a password is tried once. */
export async function examine({ server, transport, secrets }: ExamineOptions): Promise<Examination> {
  const way = new Way(() => performance.now(), errorInfo)
  const { host, port } = server
  if (server.transport !== 'powershell') await lookAtNetwork(way, host, port, server.transport)
  if (server.transport === 'winrm') await lookAtListener(way, server, secrets)
  let refused = false
  const session = await way.look('logon', async () => {
    const value = await transport.connect().catch(error => {
      refused = !(error instanceof ConnectError)
      throw error
    })
    return { found: `${server.credential.username} is logged on (${how(server)})`, value }
  })
  try {
    if (bindsTickets(server)) await lookAtBinding(way, server, secrets)
    await lookAtShell(way, session)
    if (server.transport === 'winrm') await lookAtQuotas(way, server, secrets)
    await lookAtServer(way, session, server.roles)
  } finally {
    await session?.close()
  }
  return {
    server: server.name,
    where: `${host}:${port}`,
    transport: server.transport,
    hops: way.hops,
    reached: session !== undefined,
    refused,
  }
}

async function lookAtShell(way: Way, session: Session | undefined): Promise<void> {
  await way.look('shell', async () => {
    if (session === undefined) throw new AuthError('There is no session.', { code: 'NO_SESSION' })
    const { exitCode, connectionLost, stderr } = await session.run({ line: 'cmd /c exit 7' }, { timeoutMs: 30_000 })
    if (exitCode === 7) return { found: 'commands run, and their exit codes arrive', value: undefined }
    throw new AuthError(
      `A command that ends with 7 ended with ${connectionLost ? 'a lost connection' : String(exitCode)}. ${stderr.slice(0, 200)}`.trim(),
      {
        code: 'SHELL_BROKEN',
        hint: 'Is cmd.exe the shell that the account gets (DefaultShell of OpenSSH, AutoRun of cmd.exe)?',
      },
    )
  })
}

function bindsTickets({ transport, winrm }: InventoryServer): boolean {
  return transport === 'winrm' && winrm.auth === 'kerberos' && winrm.scheme === 'https'
}

function how({ transport, host, winrm }: InventoryServer): string {
  if (transport !== 'winrm') return transport
  const { auth = 'negotiate', scheme = 'http', spn } = winrm
  const protection = scheme === 'https' ? 'TLS' : 'sealed messages'
  const bound = scheme === 'https' && auth === 'negotiate' ? ', channel binding' : ''
  return `winrm, ${auth}${auth === 'kerberos' ? ` (${spn ?? 'HTTP'}/${host} first)` : ''}, ${protection}${bound}`
}
