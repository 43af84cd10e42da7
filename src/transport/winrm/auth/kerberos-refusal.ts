import { AuthError } from '../../../errors.js'
import type { HttpAnswer } from '../http/http-connection.js'
import { readErrorCode } from '../kerberos/messages.js'
import { DerError } from '../spnego/der.js'
import { isResponse, readResponse } from '../spnego/tokens.js'
import type { Unbound } from './logon.js'
import { bindingOfProxy, offeredSchemes, tokenOf } from './offered.js'

/** Errors of RFC 4120 7.5.9 that name what is wrong. */
const errors = { ticketExpired: 32, repeated: 34, skew: 37, modified: 41 } as const

export interface RefusedTicket {
  where: string
  answer: HttpAnswer
  /** `Negotiate` or `Kerberos`. */
  scheme: string
  /** `HTTP/ex-01.contoso.com` */
  principal: string
  overTls: boolean
  /** Over TLS, where no channel binding was sent. */
  unbound?: Unbound | undefined
}

/** The server said no to a ticket; why, where it says so with a KRB-ERROR. */
export function ticketRefused({ where, answer, scheme, principal, overTls, unbound }: RefusedTicket): AuthError {
  const error = errorIn(tokenOf(answer, scheme))
  if (error === errors.skew) {
    return new AuthError(
      `${where} refused the ticket: its clock and that of this machine differ by more than five minutes.`,
      {
        code: 'CLOCK_SKEW',
        hint: 'Set the clock on both machines by the domain (w32tm /resync on the server).',
      },
    )
  }
  if (error === errors.modified) {
    return new AuthError(
      `${where} cannot read the ticket for ${principal}: another account has that name, or its key changed.`,
      {
        code: 'KERBEROS_WRONG_ACCOUNT',
        hint: `Find the account with setspn -Q ${principal}. After a changed key get new tickets (kdestroy, kinit). The server’s other name was tried too.`,
      },
    )
  }
  if (error === errors.ticketExpired) {
    return new AuthError(`${where} says that the ticket has expired.`, {
      code: 'KERBEROS_NO_TICKET',
      hint: 'Get a new one: kinit.',
    })
  }
  const number = error === undefined ? '' : `, error ${error}`
  const offered = offeredSchemes(answer).join(', ')
  return new AuthError(
    `${where} let nobody in with the ticket for ${principal} (tried: ${scheme}${number}; it takes ${offered}).`,
    {
      code: 'AUTH_FAILED',
      hint: `klist shows whose ticket it is: that account has to be in the server's Administrators group.${overTls ? ` ${aboutBinding(unbound)}` : ''}`,
    },
  )
}

/** Both ways in which a channel binding lets a server refuse everybody (CbtHardeningLevel of winrm/config/service). */
function aboutBinding(unbound: Unbound | undefined): string {
  if (unbound === undefined) return bindingOfProxy
  return `No channel binding was sent (${unbound.why}), and with CbtHardeningLevel=Strict no ticket is taken over HTTPS without one. ${unbound.fix}`
}

function errorIn(token: Buffer | undefined): number | undefined {
  if (token === undefined) return undefined
  try {
    const inner = isResponse(token) ? readResponse(token).responseToken : token
    return inner === undefined ? undefined : readErrorCode(inner)
  } catch (error) {
    if (error instanceof DerError) return undefined
    throw error
  }
}

export function notProven(where: string, cause: unknown): AuthError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new AuthError(`${where} did not prove that it is the server of that name (mutual authentication): ${why}.`, {
    code: 'AUTH_PROTOCOL',
    hint: 'Is it the right server, and does nothing between here and the server change what is sent?',
    cause,
  })
}
