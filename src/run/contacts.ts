import { ToolError } from '../errors.js'
import type { InventoryServer } from '../inventory/model.js'
import { systemSid } from '../scripts/catalog.js'
import type { Transport } from '../transport/transport.js'
import { createLink, type Link } from './link.js'
import { needed } from './needed.js'

/** How long a server that was lost under way is looked for, and how long one is that only a question goes to. */
const patienceMs = { run: 15 * 60_000, question: 60_000 }

/** The servers of a run by name, and the ways to them. */
export interface Contacts {
  server(name: string): InventoryServer
  /** For a server's own turn: not opened yet, and patient. */
  linkTo(name: string): Link
  /** One question outside the server's own turn, over a connection of its own. Throws what the way or the script throws. */
  ask<T>(name: string, question: (link: Link) => Promise<T>): Promise<T>
  /** `otherwise` when there is no way to the server, or no answer. */
  askOr<T>(name: string, question: (link: Link) => Promise<T>, otherwise: T): Promise<T>
  /** Whether a node hosts the clustered mailbox server; undefined when it cannot say. */
  isActive(name: string): Promise<boolean | undefined>
}

export function createContacts({
  servers,
  transportFor,
  leaving,
}: {
  servers: readonly InventoryServer[]
  transportFor: (server: InventoryServer) => Transport
  leaving: AbortSignal
}): Contacts {
  const byName = new Map(servers.map(server => [server.name, server]))

  function server(name: string): InventoryServer {
    return needed(byName.get(name), `server ${name}`)
  }

  function link(name: string, patience: number): Link {
    return createLink({ transport: transportFor(server(name)), signal: leaving, patienceMs: patience })
  }

  async function ask<T>(name: string, question: (link: Link) => Promise<T>): Promise<T> {
    const way = link(name, patienceMs.question)
    try {
      await way.connect()
      return await question(way)
    } finally {
      await way.close().catch(() => undefined)
    }
  }

  async function askOr<T>(name: string, question: (link: Link) => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await ask(name, question)
    } catch (error) {
      if (!(error instanceof ToolError)) throw error
      return otherwise
    }
  }

  return {
    server,
    linkTo: name => link(name, patienceMs.run),
    ask,
    askOr,
    isActive: name =>
      askOr(
        name,
        async way => (await way.call('Get-ServerFact', { Accounts: [systemSid], JobAccount: '' })).cluster?.isActive,
        undefined,
      ),
  }
}
