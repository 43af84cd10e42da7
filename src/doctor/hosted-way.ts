import { ConnectError } from '../errors.js'
import type { InventoryServer } from '../inventory/model.js'
import type { Secrets } from '../secrets/secrets.js'
import type { Session, Transport } from '../transport/transport.js'
import type { Way } from './hop.js'
import { lookAtNetwork } from './network.js'
import { lookAtSshServer } from './ssh.js'
import { lookAtListener } from './winrm.js'

export type Attempt = { session: Session } | { error: unknown }

/**
 * Connects by the operator's own PowerShell, and looks at the hops where it did not get through. Not before: its ssh_config or its proxy may
 * know another way to the server than the direct one, which is then none of doctor's business.
 */
export async function attemptHosted(
  way: Way,
  server: InventoryServer,
  { transport, secrets }: { transport: Transport; secrets: Secrets },
): Promise<Attempt> {
  try {
    return { session: await transport.connect() }
  } catch (error) {
    // Whoever was refused got there.
    if (error instanceof ConnectError) await lookAlong(way, server, secrets)
    return { error }
  }
}

async function lookAlong(way: Way, server: InventoryServer, secrets: Secrets): Promise<void> {
  const { host, port, ssh, winrm, powershell, credential } = server
  if (powershell?.over === 'ssh') {
    await lookAtNetwork(way, host, port, 'ssh')
    const first = { host, port, isJump: false, pin: ssh.hostKey, pinSetting: 'host_key', credential } as const
    return lookAtSshServer(way, first, ssh.knownHosts)
  }
  const scheme = powershell?.useSsl === true ? 'https' : 'http'
  const auth = powershell?.authentication === 'kerberos' ? 'kerberos' : 'negotiate'
  await lookAtNetwork(way, host, port, 'winrm')
  await lookAtListener(way, { ...server, winrm: { ...winrm, scheme, auth } }, secrets)
}
