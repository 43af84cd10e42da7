import { isIP } from 'node:net'
import { AuthError } from '../../../errors.js'
import { contextRequest, type KerberosClient, type KerberosModule, type TicketOwner } from './kerberos-module.js'

/** A client's first token, with a ticket for `serviceClass/host`. Throws `NoTicket`. */
export async function firstToken(
  module: KerberosModule,
  owner: TicketOwner,
  serviceClass: string,
  host: string,
): Promise<{ client: KerberosClient; token: Buffer }> {
  const { service, options } = contextRequest({ serviceClass, host, owner }, process.platform)
  try {
    const client = await module.initializeClient(service, options)
    const token = await client.step('')
    if (token !== null && token !== '') return { client, token: Buffer.from(token, 'base64') }
  } catch (error) {
    throw new NoTicket(`${serviceClass}/${host}`, error instanceof Error ? error.message : String(error))
  }
  throw new NoTicket(`${serviceClass}/${host}`, 'no token')
}

/** What the Kerberos library said, and what to do about it. */
const remedies: readonly (readonly [RegExp, string])[] = [
  [
    /No Kerberos credentials|Ticket expired|cache.*not found/i,
    'Get a ticket: kinit USER@REALM. klist shows those that are there.',
  ],
  [
    /not found in Kerberos database/i,
    'Put the name into the inventory that the server has in Active Directory (setspn -L SERVER on a domain member lists its names), or register this one: setspn -S WSMAN/NAME SERVER. A name that two accounts have counts as none: setspn -X finds it.',
  ],
  [/Clock skew/i, 'Set the clock of this machine by the domain: more than five minutes and Kerberos fails.'],
  [
    /KDC/,
    'Can this machine reach a domain controller (port 88), and find it (_kerberos._tcp.REALM in DNS, or krb5.conf)?',
  ],
]

/** The library got no ticket for one name of a server's. */
export class NoTicket extends Error {
  override readonly name = 'NoTicket'
  /** `HTTP/ex-01.contoso.com` */
  readonly principal: string

  constructor(principal: string, why: string) {
    super(why)
    this.principal = principal
  }
}

/** No ticket for any of these names. */
export function noTicket(host: string, failures: readonly NoTicket[]): AuthError {
  const reasons = [...new Set(failures.map(({ message }) => shortReason(message)))]
  const found = reasons.map(reason => {
    const names = failures.filter(({ message }) => shortReason(message) === reason).map(({ principal }) => principal)
    return `${names.join(' and ')}: ${reason}`
  })
  const remedy = remedies.find(([pattern]) => reasons.some(reason => pattern.test(reason)))?.[1]
  return new AuthError(`There is no Kerberos ticket for ${found.join('; ')}.`, {
    code: 'KERBEROS_NO_TICKET',
    hint:
      isIP(host) !== 0
        ? 'An address has no service principal name: put the server’s name into the inventory.'
        : (remedy ??
          'Is there a ticket (klist; kinit gets one), is the name registered in Active Directory (setspn -Q HTTP/NAME), and do the clocks agree within five minutes?'),
  })
}

/** Without what GSSAPI says before it comes to the point. */
function shortReason(why: string): string {
  return why.replace(/^.*(?:may provide more information|unavailable or inaccessible): /, '')
}
