import { KerberosError } from '../../../transport/winrm/kerberos/kerberos-error.js'
import { isKerberosToken } from '../../../transport/winrm/kerberos/messages.js'
import { isNtlm, messageType } from '../../../transport/winrm/ntlm/messages.js'
import { NtlmError } from '../../../transport/winrm/ntlm/ntlm-error.js'
import { sealedProtocols } from '../../../transport/winrm/sealing/sealed-body.js'
import type { Sealing } from '../../../transport/winrm/sealing/sealing.js'
import { DerError } from '../../../transport/winrm/spnego/der.js'
import {
  isInit,
  mechanisms,
  mechListBytes,
  readInit,
  readResponse,
  writeResponse,
} from '../../../transport/winrm/spnego/tokens.js'
import type { Host } from '../../model.js'
import type { KerberosAcceptor } from './kerberos-acceptor.js'
import { NtlmAcceptor, type NtlmKeys } from './ntlm-acceptor.js'
import { answerTicket, type PresentedTicket } from './ticket-logon.js'

export interface LogonContext {
  host: Host
  domain: string
  /** Over TLS, or where AllowUnencrypted says so. */
  takesClearText: boolean
  /** Of the server's certificate, over TLS. */
  channelBinding?: Buffer | undefined
  /** Present where a keytab is: tickets are taken too. */
  kerberos?: KerberosAcceptor | undefined
  /** The account that a client certificate of this connection is mapped to. */
  mappedUser?: string | undefined
}

export type LogonAnswer =
  | { status: 'in'; authenticate?: string | undefined }
  /** 401 with these WWW-Authenticate headers. */
  | { status: 'ask'; challenges: string[] }
  /** Not a logon at all: 400. */
  | { status: 'damaged' }

const mutual = 'http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual'

/** Who is logged on over one connection: Negotiate is a matter of the connection, Basic and a certificate of each request. */
export class ConnectionLogon {
  readonly #context: LogonContext
  #acceptor: NtlmAcceptor | undefined
  #mechTypes: Buffer[] | undefined
  #isIn = false
  sealing: Sealing | undefined

  constructor(context: LogonContext) {
    this.#context = context
  }

  /** Takes one request's Authorization header. */
  take(header: string | undefined): LogonAnswer {
    if (header === undefined) return this.#isIn ? { status: 'in' } : this.#ask()
    const [scheme = '', value = ''] = header.split(/\s+/, 2)
    if (header === mutual) return this.#context.mappedUser === undefined ? this.#ask() : { status: 'in' }
    if (/^basic$/i.test(scheme)) return this.#basic(value)
    if (!this.#schemes().some(known => known.toLowerCase() === scheme.toLowerCase()) && !/^ntlm$/i.test(scheme)) {
      return this.#ask()
    }
    try {
      const token = Buffer.from(value, 'base64')
      return isKerberosToken(token) ? this.#ticket({ scheme, token }) : this.#negotiate(scheme, token)
    } catch (error) {
      const isDamage = error instanceof NtlmError || error instanceof DerError || error instanceof KerberosError
      if (isDamage) return { status: 'damaged' }
      throw error
    }
  }

  /** What is a matter of the connection. */
  #schemes(): string[] {
    const { host, kerberos } = this.#context
    if (host.passwordOf === undefined) return []
    return kerberos === undefined ? ['Negotiate'] : ['Negotiate', 'Kerberos']
  }

  #ask(): LogonAnswer {
    const challenges = this.#schemes()
    if (this.#context.takesClearText) challenges.push('Basic realm="WSMAN"')
    return { status: 'ask', challenges }
  }

  #basic(value: string): LogonAnswer {
    const text = Buffer.from(value, 'base64').toString('utf8')
    const colon = text.indexOf(':')
    if (!this.#context.takesClearText || colon < 0) return this.#ask()
    return this.#context.host.logon(text.slice(0, colon), text.slice(colon + 1)) ? { status: 'in' } : this.#ask()
  }

  #ticket(presented: PresentedTicket): LogonAnswer {
    const answer = answerTicket(this.#context, presented)
    if (answer.status === 'unknown') return this.#ask()
    if (answer.status === 'refused') return { status: 'ask', challenges: [answer.authenticate] }
    this.#isIn = true
    this.sealing = answer.sealing
    return { status: 'in', authenticate: answer.authenticate }
  }

  #negotiate(scheme: string, token: Buffer): LogonAnswer {
    if (isInit(token)) {
      const { mechTypes, mechToken } = readInit(token)
      const [preferred] = mechTypes
      if (preferred !== undefined && mechToken !== undefined && isKerberosToken(mechToken) && this.#context.kerberos) {
        return this.#ticket({ scheme, token: mechToken, mechanism: preferred })
      }
      if (!mechTypes.some(oid => oid.equals(mechanisms.ntlm))) return this.#ask()
      this.#mechTypes = mechTypes
      const first = mechTypes[0]?.equals(mechanisms.ntlm) === true
      // The token is for the mechanism that the client likes best; another one is asked for.
      const challenge = first && mechToken !== undefined ? this.#start(mechToken) : undefined
      const response = writeResponse({
        state: 'accept-incomplete',
        supportedMech: mechanisms.ntlm,
        ...(challenge !== undefined && { responseToken: challenge }),
      })
      return this.#challenge(scheme, response)
    }
    if (isNtlm(token)) {
      if (messageType(token) === 1) return this.#challenge(scheme, this.#start(token))
      return this.#finish(scheme, token)
    }
    const { responseToken, mechListMic } = readResponse(token)
    if (responseToken === undefined) return this.#ask()
    if (messageType(responseToken) === 1) {
      return this.#challenge(
        scheme,
        writeResponse({ state: 'accept-incomplete', responseToken: this.#start(responseToken) }),
      )
    }
    return this.#finish(scheme, responseToken, { mechListMic })
  }

  #start(negotiate: Buffer): Buffer {
    const { host, domain, channelBinding } = this.#context
    this.#isIn = false
    this.#acceptor = new NtlmAcceptor({
      computerName: host.name.toUpperCase(),
      domain,
      passwordOf: user => host.passwordOf?.(user),
      channelBinding,
    })
    return this.#acceptor.challenge(negotiate)
  }

  #finish(scheme: string, authenticate: Buffer, spnego?: { mechListMic: Buffer | undefined }): LogonAnswer {
    const verdict = this.#acceptor?.accept(authenticate)
    this.#acceptor = undefined
    if (verdict === undefined) return this.#ask()
    if ('refused' in verdict) {
      // Counted as a refused password, which it is.
      this.#context.host.logon(verdict.refused, '')
      return this.#ask()
    }
    const { keys } = verdict.accepted
    let final: Buffer | undefined
    if (spnego !== undefined) {
      const mic = keys === undefined ? undefined : this.#signedList(spnego.mechListMic, keys)
      if (mic === 'wrong') return this.#ask()
      final = writeResponse({ state: 'accept-completed', ...(mic !== undefined && { mechListMic: mic }) })
    }
    this.#isIn = true
    this.sealing = keys === undefined ? undefined : sealingOf(keys)
    return {
      status: 'in',
      ...(final !== undefined && { authenticate: `${scheme} ${final.toString('base64')}` }),
    }
  }

  /** The server's signature over the list of mechanisms, where the client has signed it. */
  #signedList(sent: Buffer | undefined, { incoming, outgoing }: NtlmKeys): Buffer | 'wrong' | undefined {
    if (sent === undefined) return undefined
    const list = mechListBytes(this.#mechTypes ?? [])
    if (!incoming.verify(list, sent)) return 'wrong'
    incoming.restart()
    const mic = outgoing.sign(list)
    outgoing.restart()
    return mic
  }

  #challenge(scheme: string, token: Buffer): LogonAnswer {
    return { status: 'ask', challenges: [`${scheme} ${token.toString('base64')}`] }
  }
}

function sealingOf({ incoming, outgoing }: NtlmKeys): Sealing {
  return {
    protocol: sealedProtocols.negotiate,
    mostPadding: 0,
    seal: plain => {
      const { signature, data } = outgoing.seal(plain)
      return { header: signature, data }
    },
    open: ({ header, data }) => incoming.open({ signature: header, data }),
  }
}
