import { type Role, roles } from '../../inventory/model.js'

/** What people call a role, without spaces, dashes and underscores. */
const names: ReadonlyMap<string, Role> = new Map(
  Object.entries({
    edge: 'edge',
    edgetransport: 'edge',
    cas: 'cas',
    clientaccess: 'cas',
    owa: 'cas',
    hub: 'hub',
    hubtransport: 'hub',
    hts: 'hub',
    um: 'um',
    unifiedmessaging: 'um',
    mailbox: 'mailbox',
    mailboxes: 'mailbox',
    mbx: 'mailbox',
  } as const),
)

/** Words that say nothing of a role. */
const idle = /^(?:ms|microsoft|exchange|exch|ex|msexchange|servers?|srv|hosts?|nodes?|roles?|win|windows|group|\d+)$/

/**
 * The roles that a group's name stands for: `cas`, `exchange_mbx`, `Exchange-2007-Hub-Transport`, `cas_hub`. None as soon as there is a word that is not
 * understood: `edge_routers` are no Edge servers.
 */
export function rolesOfGroup(group: string): Role[] {
  const words = group
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map(word => word.replace(/\d+$/, ''))
    .filter(word => word !== '' && !idle.test(word))
  return rolesOf(words) ?? []
}

/** The roles that a variable names: `cas, hub`, `['cas', 'hub']`, a list. Undefined when a word is not understood. */
export function rolesOfValue(value: unknown): Role[] | undefined {
  const texts: unknown[] = Array.isArray(value) ? value : [value]
  const words = texts.flatMap(text => (typeof text === 'string' ? text.toLowerCase().split(/[^a-z0-9]+/) : []))
  return rolesOf(words.filter(word => word !== ''))
}

/** Two words may be one name: client access. */
function rolesOf(words: readonly string[]): Role[] | undefined {
  const found = new Set<Role>()
  for (let at = 0; at < words.length; at++) {
    const pair = names.get(`${words[at]}${words[at + 1] ?? ''}`)
    const role = pair ?? names.get(words[at] ?? '')
    if (role === undefined) return undefined
    if (pair !== undefined && words[at + 1] !== undefined) at++
    found.add(role)
  }
  return found.size === 0 ? undefined : roles.filter(role => found.has(role))
}
