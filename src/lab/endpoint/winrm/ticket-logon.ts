import { wrapSealing } from '../../../transport/winrm/kerberos/wrap-sealing.js'
import { sealedProtocols } from '../../../transport/winrm/sealing/sealed-body.js'
import type { Sealing } from '../../../transport/winrm/sealing/sealing.js'
import { type NegState, writeResponse } from '../../../transport/winrm/spnego/tokens.js'
import type { LogonContext } from './connection-logon.js'

export interface PresentedTicket {
  /** `Negotiate` or `Kerberos`, as the client wrote it. */
  scheme: string
  token: Buffer
  /** The mechanism that the token is of, where SPNEGO carries it. */
  mechanism?: Buffer
}

export type TicketAnswer =
  | { status: 'in'; authenticate: string; sealing: Sealing | undefined }
  /** A KRB-ERROR says why. */
  | { status: 'refused'; authenticate: string }
  /** No tickets here, or an account that is not known. */
  | { status: 'unknown' }

/** Takes a ticket: one token each way, and the client is in. Throws `KerberosError` or `DerError` for what is none. */
export function answerTicket(
  { kerberos, channelBinding, host }: LogonContext,
  { scheme, token, mechanism }: PresentedTicket,
): TicketAnswer {
  if (kerberos === undefined) return { status: 'unknown' }
  const written = (responseToken: Buffer, state: NegState): string => {
    const reply =
      mechanism === undefined ? responseToken : writeResponse({ state, supportedMech: mechanism, responseToken })
    return `${scheme} ${reply.toString('base64')}`
  }
  const verdict = kerberos.accept(token, channelBinding)
  if ('refused' in verdict) return { status: 'refused', authenticate: written(verdict.refused, 'reject') }
  const { accepted } = verdict
  if (host.passwordOf?.(accepted.user) === undefined) return { status: 'unknown' }
  const protocol = /^kerberos$/i.test(scheme) ? sealedProtocols.kerberos : sealedProtocols.negotiate
  return {
    status: 'in',
    authenticate: written(accepted.reply, 'accept-completed'),
    sealing: accepted.confidential ? wrapSealing({ ...accepted, protocol }) : undefined,
  }
}
