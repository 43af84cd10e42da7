import { z } from 'zod'
import { UsageError } from '../errors.js'
import { answerLines } from '../powershell/answer-lines.js'
import { nodesOf } from './clustered-servers.js'
import { exchangeVersion } from './exchange-version.js'
import type { DiscoveredServer, Discovery } from './model.js'
import { rolesOfWords } from './server-roles.js'

const text = z.string()
const server = z.object({ name: text, fqdn: text, role: text, site: text, version: text })
const mailboxServer = z.object({ name: text, dag: text, storage: text, nodes: z.array(text) })
const line = z.union([
  z.object({ server }),
  z.object({ mailboxServer }),
  z.object({ note: text }),
  z.object({ end: z.object({ operator: text }) }),
  z.object({ error: z.object({ code: text, message: text }) }),
])

/** `ClusteredStorageType` of `Get-MailboxServer`: Disabled, NonShared (CCR) or Shared (SCC). */
const storageTypes = { nonshared: 'ccr', shared: 'scc' } as const

export interface ExchangeAnswer {
  discovery: Discovery
  /** The account that asked: `CONTOSO\exadmin`. */
  operator: string
}

/**
 * What `Get-ExchangeInventory.ps1` printed. Throws `UsageError`: EXCHANGE_TOOLS_MISSING,
 * EXCHANGE_REMOTE, EXCHANGE_QUERY, or EXCHANGE_ANSWER when the end is missing.
 */
export function exchangeDiscovery(output: string): ExchangeAnswer {
  const lines = answerLines(output, line)
  for (const each of lines) if ('error' in each) throw refused(each.error)
  const end = lines.find(each => 'end' in each)
  if (end === undefined) {
    throw new UsageError('The PowerShell ended before it had told of every server.', {
      code: 'EXCHANGE_ANSWER',
      hint: 'Run Get-ExchangeServer and Get-MailboxServer there by hand: do they end?',
    })
  }
  const mailboxServers = new Map(
    lines.flatMap(each =>
      'mailboxServer' in each ? [[each.mailboxServer.name.toLowerCase(), each.mailboxServer]] : [],
    ),
  )
  const notes = lines.flatMap(each => ('note' in each ? [each.note] : []))
  const servers = lines.flatMap(each =>
    'server' in each ? toServers(each.server, mailboxServers.get(each.server.name.toLowerCase()), notes) : [],
  )
  return { discovery: { source: 'Get-ExchangeServer', servers, notes }, operator: end.end.operator }
}

function toServers(
  { name, fqdn, role, site, version: written }: z.output<typeof server>,
  mailbox: z.output<typeof mailboxServer> | undefined,
  notes: string[],
): DiscoveredServer[] {
  const version = exchangeVersion(written)
  const roles = rolesOfWords(role, version)
  const host = fqdn === '' ? name : fqdn
  const known = { roles, ...(site !== '' && { site: lastPart(site) }), ...(version !== undefined && { version }) }
  const storage = mailbox?.storage.toLowerCase()
  if (mailbox !== undefined && storage !== undefined && storage !== '' && storage !== 'disabled') {
    const type = storage === 'nonshared' || storage === 'shared' ? storageTypes[storage] : undefined
    if (type !== undefined && mailbox.nodes.length > 0)
      return nodesOf({ ...known, name, host, type, nodes: mailbox.nodes })
    notes.push(`${name} is a clustered mailbox server, and its nodes are not known: add them by hand.`)
    return []
  }
  const dag = mailbox?.dag ?? ''
  return [{ name, host, ...known, ...(dag !== '' && { cluster: { type: 'dag', name: lastPart(dag) } }) }]
}

/** `contoso.com/Configuration/Sites/London` is the site London; a name alone is itself. */
function lastPart(identity: string): string {
  return identity.slice(identity.lastIndexOf('/') + 1)
}

function refused({ code, message }: { code: string; message: string }): UsageError {
  if (code === 'EXCHANGE_TOOLS_MISSING') {
    return new UsageError(`There is no Get-ExchangeServer in this PowerShell (${message}).`, {
      code,
      hint: "Install the Exchange management tools on this machine (setup /mode:Install /role:ManagementTools of your version's media), run exroll on one that has them, or ask the directory: --ldap ldaps://DC",
    })
  }
  if (code === 'EXCHANGE_REMOTE') {
    return new UsageError(`The server gives no remote PowerShell: ${message}`, {
      code,
      hint: 'Name a server of Exchange 2010 or newer by its full name; 2007 has no remote PowerShell. It is asked at http://SERVER/PowerShell/ with Kerberos and your logon. Without a server, --exchange asks the management tools of this machine.',
    })
  }
  return new UsageError(`Exchange did not tell its servers: ${message}`, {
    code: 'EXCHANGE_QUERY',
    hint: 'Run Get-ExchangeServer by hand under the same account. It needs View-Only rights in the organisation and Active Directory within reach.',
  })
}
