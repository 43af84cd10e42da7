import { ConnectError } from '../errors.js'
import type { InventoryServer } from '../inventory/model.js'
import type { Session, Transport } from './transport.js'
import type { Way } from './transport-for.js'

export interface AutoOptions {
  open: (server: InventoryServer, way: Way) => Transport
  /** What worked, by server; written here. */
  remembered: Map<string, Way>
}

/** Somebody else answers in place of the server, or changes what it says: a password sent another way would go to them too. */
const strangers: readonly string[] = ['HOST_KEY_CHANGED', 'HOST_KEY_REVOKED', 'SIGNATURE_INVALID', 'UNSEALED_ANSWER']

/**
 * The first transport that works of those the inventory allows, in the order ssh, winrm, powershell. A refused logon ends the search: the same
 * password sent three ways could lock the account. So does another key or certificate than the inventory's. Throws `ConnectError` NO_TRANSPORT with what was tried, or what ended the search.
 */
export function autoTransport(server: InventoryServer, { open, remembered }: AutoOptions): Transport {
  return {
    async connect(signal) {
      const known = remembered.get(server.name)
      if (known !== undefined) return named(await open(atItsPort(server, known), known).connect(signal), known)
      const tried: string[] = []
      for (const way of allowedWays(server)) {
        try {
          const session = await open(atItsPort(server, way), way).connect(signal)
          remembered.set(server.name, way)
          return named(session, way)
        } catch (error) {
          if (!(error instanceof ConnectError) || strangers.includes(error.code)) throw error
          tried.push(`${way}: ${error.code} ${error.message}`)
        }
      }
      throw new ConnectError(`no transport works for ${server.name}. ${tried.join(' | ')}`, {
        code: 'NO_TRANSPORT',
        hint: 'exroll doctor HOST looks at each of them; write the one that should work as transport: in the inventory.',
      })
    },
  }
}

/** Those with a section of their own in the inventory; all of them where none has one. Pure. */
export function allowedWays({ ssh, winrm, powershell }: InventoryServer): Way[] {
  const sections: [Way, object][] = [
    ['ssh', ssh],
    ['winrm', winrm],
    ['powershell', powershell ?? {}],
  ]
  const named = sections.filter(([, section]) => Object.keys(section).length > 0)
  return (named.length > 0 ? named : sections).map(([way]) => way)
}

/** A port in the inventory is that of what is tried first, SSH; the others have their own. Pure. */
export function atItsPort(server: InventoryServer, way: Way): InventoryServer {
  const winrm = server.winrm.scheme === 'https' ? 5986 : 5985
  const overSsh = server.powershell?.over === 'ssh'
  const powershell = overSsh ? server.port : server.powershell?.useSsl === true ? 5986 : 5985
  return { ...server, port: { ssh: server.port, winrm, powershell }[way] }
}

function named(session: Session, way: Way): Session {
  return Object.defineProperty(session, 'via', { value: way })
}
