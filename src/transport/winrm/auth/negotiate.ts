import { AuthError, ConnectError } from '../../../errors.js'
import { serverEndPoint } from '../http/channel-binding.js'
import type { HttpAnswer } from '../http/http-connection.js'
import type { Challenger } from '../ntlm/challenger.js'
import { type NtlmAccount, NtlmInitiator, type NtlmSession } from '../ntlm/initiator.js'
import { NtlmError } from '../ntlm/ntlm-error.js'
import { sealedProtocols } from '../sealing/sealed-body.js'
import { DerError } from '../spnego/der.js'
import { isResponse, mechanisms, mechListBytes, readResponse, writeInit, writeResponse } from '../spnego/tokens.js'
import type { Logon, LogonConnection, LogonMethod } from './logon.js'
import { logonRefused, ntlmNotTaken, offeredSchemes, schemeNotOffered, tokenOf } from './offered.js'

export interface NegotiateOptions {
  account: NtlmAccount
  credentialName: string
}

const mechTypes = [mechanisms.ntlm]

/**
 * Ways to say the same, the first that the server answers is used: wrapped by SPNEGO (RFC 4178), bare in the same scheme as older
 * servers take it, and in NTLM's own scheme. None of these first messages holds anything of the password.
 */
const openings = [
  { scheme: 'Negotiate', wrap: (message: Buffer) => writeInit({ mechTypes, mechToken: message }) },
  { scheme: 'Negotiate', wrap: (message: Buffer) => message },
  { scheme: 'NTLM', wrap: (message: Buffer) => message },
]

/** Negotiate with NTLMv2: the account proves that it knows its password, and both sides get keys to seal with. */
export function negotiateLogon({ account, credentialName }: NegotiateOptions): LogonMethod {
  async function logOn(connection: LogonConnection): Promise<Logon> {
    const { where, host, certificate } = connection
    const initiator = new NtlmInitiator({
      account,
      targetName: `HTTP/${host}`,
      channelBinding: certificate === undefined ? undefined : serverEndPoint(certificate),
    })
    const { scheme, token } = await askForChallenge(connection, initiator.negotiate())
    const { reply, session, wrapped, challenger } = answerChallenge(initiator, token, where)
    const verdict = await connection.ask(`${scheme} ${reply.toString('base64')}`)
    if (verdict.status === 401) {
      throw logonRefused({
        where,
        username: account.username,
        credentialName,
        tried: `${scheme}, NTLMv2${certificate === undefined ? '' : ' with channel binding'}`,
        offered: offeredSchemes(verdict),
        overTls: certificate !== undefined,
        challenger,
        certificate,
      })
    }
    if (verdict.status >= 300) throw unexpected(where, `HTTP ${verdict.status} to the logon`)
    if (wrapped) finishSpnego(tokenOf(verdict, scheme), session, where)
    return {
      sealing: {
        protocol: sealedProtocols.negotiate,
        mostPadding: 0,
        seal: plain => {
          const { signature, data } = session.outgoing.seal(plain)
          return { header: signature, data }
        },
        open: ({ header, data }) => session.incoming.open({ signature: header, data }),
      },
    }
  }

  return {
    name: 'negotiate',
    async logOn(connection) {
      try {
        return await logOn(connection)
      } catch (error) {
        if (error instanceof NtlmError || error instanceof DerError) throw unexpected(connection.where, error.message)
        throw error
      }
    },
  }
}

async function askForChallenge(
  { ask, where }: LogonConnection,
  message: Buffer,
): Promise<{ scheme: string; token: Buffer }> {
  let offered: string[] | undefined
  for (const { scheme, wrap } of openings) {
    if (offered !== undefined && !offered.some(name => name.toLowerCase() === scheme.toLowerCase())) continue
    const answer: HttpAnswer = await ask(`${scheme} ${wrap(message).toString('base64')}`)
    const token = tokenOf(answer, scheme)
    if (answer.status === 401 && token !== undefined) return { scheme, token }
    if (answer.status !== 401) throw notAsked(where, answer.status)
    offered = offeredSchemes(answer)
  }
  if (offered?.some(name => name.toLowerCase() === 'negotiate')) throw ntlmNotTaken(where, offered)
  throw schemeNotOffered(where, 'Negotiate', offered ?? [])
}

function answerChallenge(
  initiator: NtlmInitiator,
  token: Buffer,
  where: string,
): { reply: Buffer; session: NtlmSession; wrapped: boolean; challenger: Challenger } {
  if (!isResponse(token)) {
    const { message, session, challenger } = initiator.authenticate(token)
    return { reply: message, session, wrapped: false, challenger }
  }
  const { state, responseToken } = readResponse(token)
  if (state === 'reject') throw ntlmNotTaken(where, ['Negotiate'])
  if (responseToken === undefined) throw new NtlmError('the server answered without a challenge')
  const { message, session, challenger } = initiator.authenticate(responseToken)
  const mic = session.hasMic ? session.outgoing.sign(mechListBytes(mechTypes)) : undefined
  // The key stream of the MIC is that of the first message too (MS-SPNG 3.3.5.1).
  if (mic !== undefined) session.outgoing.restart()
  const reply = writeResponse({
    state: 'accept-incomplete',
    responseToken: message,
    ...(mic !== undefined && { mechListMic: mic }),
  })
  return { reply, session, wrapped: true, challenger }
}

function finishSpnego(token: Buffer | undefined, session: NtlmSession, where: string): void {
  if (token === undefined) return
  const { state, mechListMic } = readResponse(token)
  if (state === 'reject') throw unexpected(where, 'the negotiation was rejected after the logon')
  if (mechListMic === undefined) return
  if (!session.incoming.verify(mechListBytes(mechTypes), mechListMic)) {
    throw unexpected(where, 'the signature over the list of mechanisms is wrong')
  }
  session.incoming.restart()
}

/** Nothing that a password can be made out of was sent. */
function notAsked(where: string, status: number): ConnectError {
  return new ConnectError(`${where} answers the start of a logon with HTTP ${status}: it asks for none.`, {
    code: 'NOT_WSMAN',
    hint: 'Is it a WinRM listener, or a web server or proxy on the way?',
  })
}

function unexpected(where: string, what: string): AuthError {
  return new AuthError(`The logon at ${where} ended unexpectedly: ${what}.`, {
    code: 'AUTH_PROTOCOL',
    hint: 'Is it a WinRM listener, and does nothing between here and the server change what is sent?',
  })
}
