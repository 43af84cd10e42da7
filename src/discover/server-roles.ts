import { type Role, roles } from '../inventory/model.js'

/**
 * Bits of `msExchCurrentServerRoles`: 2 Mailbox, 4 ClientAccess, 16 UnifiedMessaging, 32 HubTransport, 64 Edge (TechNet bb123496, EXCHG.80).
 * Bit 1 is the front end of ClientAccess since 2013, which comes with 16384 for its front-end transport: 16385 is a ClientAccess server
 * of 2013, 54 its Mailbox server, 16439 both.
 */
const bits: readonly (readonly [number, Role])[] = [
  [64, 'edge'],
  [1, 'cas'],
  [4, 'cas'],
  [32, 'hub'],
  [16, 'um'],
  [2, 'mailbox'],
]

/** `ServerRole` of `Get-ExchangeServer`. */
const words: ReadonlyMap<string, Role> = new Map(
  Object.entries({
    mailbox: 'mailbox',
    clientaccess: 'cas',
    cafe: 'cas',
    unifiedmessaging: 'um',
    hubtransport: 'hub',
    bridgehead: 'hub',
    edge: 'edge',
    gateway: 'edge',
  } as const),
)

/** Roles of a server with this `msExchCurrentServerRoles`. `version` is `15.1.2507.6`; absent: as before 2013. */
export function rolesOfMask(mask: number, version?: string): Role[] {
  const found = bits.filter(([bit]) => (mask & bit) !== 0).map(([, role]) => role)
  const frontEnd = (mask & 1) !== 0
  return asInstalled(new Set(found), { version, frontEnd })
}

/** Roles of a server with this `ServerRole`: `Mailbox, ClientAccess`. Words that are no roles of exroll's are left out. */
export function rolesOfWords(text: string, version?: string): Role[] {
  const found = text.split(/[\s,]+/).flatMap(word => words.get(word.toLowerCase()) ?? [])
  return asInstalled(new Set(found), { version, frontEnd: /client\s*access|cafe/i.test(text) })
}

/**
 * Since 2013 the Mailbox role holds the back end of ClientAccess, Hub Transport and Unified Messaging, and since 2016 the front end too:
 * such a server has one role, which is how `Get-ExchangeServer` shows it.
 */
function asInstalled(
  found: ReadonlySet<Role>,
  { version = '', frontEnd }: { version?: string | undefined; frontEnd: boolean },
): Role[] {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const inMailbox = major >= 15 && found.has('mailbox')
  const ofMailbox: readonly Role[] = minor === 0 && frontEnd ? ['hub', 'um'] : ['hub', 'um', 'cas']
  return roles.filter(role => found.has(role) && !(inMailbox && ofMailbox.includes(role)))
}
