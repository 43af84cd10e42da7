import { isIP } from 'node:net'
import { AuthError } from '../../../errors.js'
import { gssFlags, type KerberosClient, type KerberosModule, loadKerberos, spnegoMechanism } from './kerberos-module.js'
import { kerberosSealing } from './kerberos-sealing.js'
import type { Logon, LogonConnection, LogonMethod } from './logon.js'
import { logonRefused, offeredSchemes, schemeNotOffered, tokenOf } from './offered.js'

export interface KerberosOptions {
  username: string
  credentialName: string
  /** Used on Windows; elsewhere the ticket comes from the operator's cache (kinit). */
  password?: string | undefined
  /** Service class of the name that a ticket is asked for; the other is tried next (winrm.md, "Kerberos SPN"). */
  spn?: 'HTTP' | 'WSMAN' | undefined
  load?: () => Promise<KerberosModule>
}

/** Kerberos inside Negotiate: a ticket for the server's name, keys to seal with, and no password on the way. */
export function kerberosLogon(options: KerberosOptions): LogonMethod {
  const { username, credentialName, spn = 'HTTP', load = loadKerberos } = options
  return {
    name: 'kerberos',
    async logOn(connection): Promise<Logon> {
      const { where, host, certificate } = connection
      const module = await load()
      const { client, token } = await firstToken(module, options, [spn, spn === 'HTTP' ? 'WSMAN' : 'HTTP'], host)
      const answer = await connection.ask(`Negotiate ${token}`)
      const offered = offeredSchemes(answer)
      if (answer.status === 401 && !offered.some(name => /^(negotiate|kerberos)$/i.test(name))) {
        throw schemeNotOffered(where, 'Kerberos', offered)
      }
      if (answer.status === 401) {
        const tried = `Kerberos, ${spn}/${host}`
        throw logonRefused({ where, username, credentialName, tried, offered, overTls: certificate !== undefined })
      }
      await finish(client, tokenOf(answer, 'Negotiate'), connection)
      return { sealing: kerberosSealing(client) }
    },
  }
}

async function firstToken(
  module: KerberosModule,
  { username, password }: KerberosOptions,
  classes: readonly string[],
  host: string,
): Promise<{ client: KerberosClient; token: string }> {
  const at = username.indexOf('\\')
  const account = {
    user: username.slice(at + 1),
    ...(at >= 0 && { domain: username.slice(0, at) }),
    ...(password !== undefined && { password }),
  }
  const failures: string[] = []
  for (const serviceClass of classes) {
    try {
      const client = await module.initializeClient(`${serviceClass}@${host}`, {
        mechOID: spnegoMechanism,
        gssFlags,
        ...(process.platform === 'win32' && account),
      })
      const token = await client.step('')
      if (token !== null && token !== '') return { client, token }
      failures.push(`${serviceClass}/${host}: no token`)
    } catch (error) {
      failures.push(`${serviceClass}/${host}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  throw noTicket(host, failures)
}

/** The server proves itself with its own token. */
async function finish(client: KerberosClient, token: Buffer | undefined, { where }: LogonConnection): Promise<void> {
  try {
    if (token !== undefined) await client.step(token.toString('base64'))
  } catch (error) {
    throw notProven(where, error)
  }
  if (!client.contextComplete) throw notProven(where)
}

function noTicket(host: string, failures: readonly string[]): AuthError {
  const why =
    isIP(host) === 0
      ? 'Is there a ticket (klist; kinit gets one), is the name registered in Active Directory (setspn -Q HTTP/NAME), and do the clocks agree within five minutes?'
      : 'An address has no service principal name: put the server’s name into the inventory.'
  return new AuthError(`There is no Kerberos ticket for ${host}: ${failures.join('; ')}.`, {
    code: 'KERBEROS_NO_TICKET',
    hint: why,
  })
}

function notProven(where: string, cause?: unknown): AuthError {
  return new AuthError(`${where} did not prove that it is the server of that name (mutual authentication).`, {
    code: 'AUTH_PROTOCOL',
    hint: 'Is it the right server, and does nothing between here and the server change what is sent?',
    cause,
  })
}
