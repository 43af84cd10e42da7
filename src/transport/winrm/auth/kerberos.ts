import { AuthError } from '../../../errors.js'
import type { HttpAnswer } from '../http/http-connection.js'
import { KerberosError } from '../kerberos/kerberos-error.js'
import type { CacheOwner } from '../kerberos/ticket-cache.js'
import { type SealedProtocol, sealedProtocols } from '../sealing/sealed-body.js'
import type { Sealing } from '../sealing/sealing.js'
import { DerError } from '../spnego/der.js'
import { isResponse, mechanisms, readResponse, writeInit } from '../spnego/tokens.js'
import { bindToCertificate } from './kerberos-binding.js'
import { type KerberosClient, type KerberosModule, loadKerberos } from './kerberos-module.js'
import { notProven, ticketRefused } from './kerberos-refusal.js'
import { cannotSeal, type KerberosLogonTokens, ticketSealing } from './kerberos-sealing.js'
import type { Logon, LogonConnection, LogonMethod } from './logon.js'
import { offeredSchemes, schemeNotOffered, tokenOf } from './offered.js'
import { packageSealing } from './package-sealing.js'
import { firstToken, NoTicket, noTicket } from './service-ticket.js'

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
  const { spn = 'HTTP', load = loadKerberos } = options
  return {
    name: 'kerberos',
    async logOn(connection): Promise<Logon> {
      const module = await load()
      const failures: NoTicket[] = []
      let refused: AuthError | undefined
      for (const serviceClass of [spn, spn === 'HTTP' ? 'WSMAN' : 'HTTP']) {
        try {
          return await logOnAs(serviceClass, module, options, connection)
        } catch (error) {
          if (error instanceof NoTicket) failures.push(error)
          else if (refused !== undefined) throw refused
          // HTTP/NAME may belong to the account of a web site on the same server.
          else if (error instanceof AuthError && error.code === 'KERBEROS_WRONG_ACCOUNT') refused = error
          else throw error
        }
      }
      throw refused ?? noTicket(connection.host, failures)
    },
  }
}

/** Logs on with a ticket for one name of the server's, in the first scheme that it takes. Throws `NoTicket` or `AuthError`. */
async function logOnAs(
  serviceClass: string,
  module: KerberosModule,
  options: KerberosOptions,
  connection: LogonConnection,
): Promise<Logon> {
  const { where, host, certificate } = connection
  const principal = `${serviceClass}/${host}`
  let offered: string[] | undefined
  for (const { scheme, protocol, wrap, unwrap } of schemes) {
    if (offered !== undefined && !includes(offered, scheme)) continue
    const { client, token } = await firstToken(module, options, serviceClass, host)
    const { token: sent, unbound } =
      certificate === undefined ? { token } : await bindToCertificate(token, certificate, cacheOwner())
    const answer = await connection.ask(`${scheme} ${wrap(sent).toString('base64')}`)
    if (answer.status === 401) {
      offered = offeredSchemes(answer)
      if (!includes(offered, scheme)) continue
      throw ticketRefused({ where, answer, scheme, principal, overTls: certificate !== undefined, unbound })
    }
    if (answer.status >= 300) throw notProven(where, `HTTP ${answer.status} to the ticket`)
    const reply = replyIn(answer, scheme, unwrap, where)
    await finish(client, reply.answer, where)
    if (certificate !== undefined) return unbound === undefined ? {} : { unbound }
    return { sealing: await sealingOf(client, { request: token, ...reply }, protocol) }
  }
  throw schemeNotOffered(where, 'Kerberos', offered ?? [])
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
    return await ticketSealing(tokens, cacheOwner(), protocol)
  } catch (error) {
    if (!(error instanceof AuthError)) throw error
    return packageSealing(client, protocol, () => error)
  }
}

function cacheOwner(): CacheOwner {
  return { env: process.env, uid: process.getuid?.() ?? 0 }
}

function includes(offered: readonly string[], scheme: string): boolean {
  return offered.some(name => name.toLowerCase() === scheme.toLowerCase())
}
