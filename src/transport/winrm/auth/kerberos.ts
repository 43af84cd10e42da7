import { AuthError } from '../../../errors.js'
import type { HttpAnswer } from '../http/http-connection.js'
import { type SealedProtocol, sealedProtocols } from '../http/sealed-body.js'
import { KerberosError } from '../kerberos/kerberos-error.js'
import { DerError } from '../spnego/der.js'
import { isResponse, mechanisms, readResponse, writeInit } from '../spnego/tokens.js'
import {
  gssFlags,
  type KerberosClient,
  type KerberosModule,
  kerberosMechanism,
  loadKerberos,
} from './kerberos-module.js'
import { noTicket, notProven, ticketRefused } from './kerberos-refusal.js'
import { cannotSeal, type KerberosLogonTokens, ticketSealing } from './kerberos-sealing.js'
import type { Logon, LogonMethod, Sealing } from './logon.js'
import { offeredSchemes, schemeNotOffered, tokenOf } from './offered.js'
import { packageSealing } from './package-sealing.js'

export interface KerberosOptions {
  username: string
  /** Used on Windows; elsewhere the ticket comes from the operator's cache (kinit). */
  password?: string | undefined
  /** Service class of the name that a ticket is asked for; the other is tried next (winrm.md, "Kerberos SPN"). */
  spn?: 'HTTP' | 'WSMAN' | undefined
  load?: () => Promise<KerberosModule>
}

interface Reply {
  token?: Buffer | undefined
  mechListSigned?: boolean
}

/**
 * Ways to carry the same token, and what its messages are then called (MS-WSMV 2.2.9.1): inside SPNEGO, and bare in Kerberos' own
 * scheme, which a server takes whose Negotiate is off.
 */
const schemes = [
  {
    scheme: 'Negotiate',
    protocol: sealedProtocols.negotiate,
    wrap: (token: Buffer) => writeInit({ mechTypes: [mechanisms.kerberos], mechToken: token }),
    unwrap(token: Buffer): Reply {
      if (!isResponse(token)) return { token }
      const { responseToken, mechListMic } = readResponse(token)
      return { token: responseToken, mechListSigned: mechListMic !== undefined }
    },
  },
  {
    scheme: 'Kerberos',
    protocol: sealedProtocols.kerberos,
    wrap: (token: Buffer) => token,
    unwrap: (token: Buffer): Reply => ({ token }),
  },
] as const

/** Kerberos: a ticket for the server's name, keys to seal with, and no password on the way. */
export function kerberosLogon(options: KerberosOptions): LogonMethod {
  const { load = loadKerberos } = options
  return {
    name: 'kerberos',
    async logOn(connection): Promise<Logon> {
      const { where, host, certificate } = connection
      const module = await load()
      let offered: string[] | undefined
      for (const { scheme, protocol, wrap, unwrap } of schemes) {
        if (offered !== undefined && !includes(offered, scheme)) continue
        const { client, token, principal } = await firstToken(module, options, host)
        const answer = await connection.ask(`${scheme} ${wrap(token).toString('base64')}`)
        if (answer.status === 401) {
          offered = offeredSchemes(answer)
          if (!includes(offered, scheme)) continue
          throw ticketRefused({ where, answer, scheme, principal, overTls: certificate !== undefined })
        }
        if (answer.status >= 300) throw notProven(where, `HTTP ${answer.status} to the ticket`)
        const reply = replyIn(answer, scheme, unwrap, where)
        await finish(client, reply.answer, where)
        if (certificate !== undefined) return {}
        return { sealing: await sealingOf(client, { request: token, ...reply }, protocol) }
      }
      throw schemeNotOffered(where, 'Kerberos', offered ?? [])
    },
  }
}

async function firstToken(
  module: KerberosModule,
  { username, password, spn = 'HTTP' }: KerberosOptions,
  host: string,
): Promise<{ client: KerberosClient; token: Buffer; principal: string }> {
  const at = username.indexOf('\\')
  const account = {
    user: username.slice(at + 1),
    ...(at >= 0 && { domain: username.slice(0, at) }),
    ...(password !== undefined && { password }),
  }
  const failures: { principal: string; why: string }[] = []
  for (const serviceClass of [spn, spn === 'HTTP' ? 'WSMAN' : 'HTTP']) {
    const principal = `${serviceClass}/${host}`
    try {
      const client = await module.initializeClient(`${serviceClass}@${host}`, {
        mechOID: kerberosMechanism,
        gssFlags,
        ...(process.platform === 'win32' && account),
      })
      const token = await client.step('')
      if (token !== null && token !== '') return { client, token: Buffer.from(token, 'base64'), principal }
      failures.push({ principal, why: 'no token' })
    } catch (error) {
      failures.push({ principal, why: error instanceof Error ? error.message : String(error) })
    }
  }
  throw noTicket(host, failures)
}

function replyIn(
  answer: HttpAnswer,
  scheme: string,
  unwrap: (token: Buffer) => Reply,
  where: string,
): Omit<KerberosLogonTokens, 'request'> {
  const outer = tokenOf(answer, scheme)
  try {
    const { token, mechListSigned = false } = outer === undefined ? {} : unwrap(outer)
    return { answer: token, mechListSigned }
  } catch (error) {
    throw error instanceof DerError ? notProven(where, error) : error
  }
}

/** The server proves itself with its own token. */
async function finish(client: KerberosClient, reply: Buffer | undefined, where: string): Promise<void> {
  try {
    if (reply !== undefined) await client.step(reply.toString('base64'))
  } catch (error) {
    throw notProven(where, error)
  }
  if (!client.contextComplete)
    throw notProven(where, reply === undefined ? 'it answered without a token' : 'its token does not end the logon')
}

/** Windows keeps the keys of its tickets to itself and seals through the package. */
async function sealingOf(
  client: KerberosClient,
  tokens: KerberosLogonTokens,
  protocol: SealedProtocol,
): Promise<Sealing> {
  if (process.platform === 'win32') {
    return packageSealing(client, protocol, () => cannotSeal(new KerberosError('the package seals something else')))
  }
  try {
    return await ticketSealing(tokens, { env: process.env, uid: process.getuid?.() ?? 0 }, protocol)
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    return packageSealing(client, protocol, () => error)
  }
}

function includes(offered: readonly string[], scheme: string): boolean {
  return offered.some(name => name.toLowerCase() === scheme.toLowerCase())
}
