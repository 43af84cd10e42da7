import { AuthError, ToolError } from '../../errors.js'
import type { InventoryServer } from '../../inventory/model.js'
import type { Secrets } from '../../secrets/secrets.js'
import { basicLogon } from './auth/basic.js'
import { certificateLogon } from './auth/certificate.js'
import { kerberosLogon } from './auth/kerberos.js'
import type { LogonMethod } from './auth/logon.js'
import { negotiateLogon } from './auth/negotiate.js'
import { readAuthority, readCertificate } from './certificate-files.js'
import type { ChannelTarget } from './channel/channel.js'

/** Twenty seconds for a connection and its logon. */
const connectTimeoutMs = 20_000

/** Everything a connection to `server` needs, secrets included. Throws `AuthError` or `ConnectError` when some of it cannot be had. */
export async function readTarget(server: InventoryServer, secrets: Secrets): Promise<ChannelTarget> {
  const { host, port, winrm, credential } = server
  const { scheme = 'http', auth = 'negotiate' } = winrm
  const overTls = scheme === 'https'
  if (!overTls && (auth === 'basic' || auth === 'certificate') && winrm.clearText !== true)
    throw notSealed(server.name, auth)
  const tls = await readTls(server, secrets)
  return {
    host,
    port,
    path: '/wsman',
    timeoutMs: connectTimeoutMs,
    username: credential.username,
    credentialName: credential.name,
    clearText: winrm.clearText === true,
    method: await logonMethod(server, secrets),
    ...(tls !== undefined && { tls }),
  }
}

/** Whom a server's certificate is believed from, and what is shown to it; undefined over HTTP. Throws as `readTarget` does. */
export async function readTls(server: InventoryServer, secrets: Secrets): Promise<ChannelTarget['tls']> {
  const { winrm, credential } = server
  if (winrm.scheme !== 'https') return undefined
  return {
    trust: {
      fingerprint: winrm.fingerprint,
      ca: winrm.ca === undefined ? undefined : await readAuthority(winrm.ca),
      unverified: winrm.unverified,
    },
    client:
      winrm.auth === 'certificate'
        ? await asAuthError(credential.name, () => readCertificate(credential, secrets))
        : undefined,
  }
}

async function logonMethod({ winrm, credential }: InventoryServer, secrets: Secrets): Promise<LogonMethod> {
  const { auth = 'negotiate' } = winrm
  if (auth === 'certificate') return certificateLogon
  const { username, name } = credential
  const password = await asAuthError(name, () => secrets.password(credential))
  if (auth === 'kerberos') return kerberosLogon({ username, password, spn: winrm.spn })
  if (password === undefined) throw noPassword(name, auth)
  return auth === 'basic'
    ? basicLogon({ username, password })
    : negotiateLogon({ account: { username, password }, credentialName: name })
}

/** A secret that cannot be had is a logon that cannot be. */
async function asAuthError<T>(credentialName: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (!(error instanceof ToolError) || error instanceof AuthError) throw error
    throw new AuthError(`Credential ${credentialName}: ${error.message}`, {
      code: error.code,
      ...(error.hint !== undefined && { hint: error.hint }),
      cause: error,
    })
  }
}

function notSealed(name: string, auth: string): AuthError {
  return new AuthError(`winrm auth ${auth} over http would send what ${name} is told, and the logon, in clear text.`, {
    code: 'NOT_SEALED',
    hint: 'Use scheme: https, or auth: negotiate, which seals every message.',
  })
}

function noPassword(credentialName: string, auth: string): AuthError {
  return new AuthError(`Credential ${credentialName} has no password, which winrm auth ${auth} needs.`, {
    code: 'PASSWORD_MISSING',
    hint: 'Give it password: { env: NAME }, { file: PATH }, { command: [...] }, { vault: { entry: NAME } } or { prompt: true }.',
  })
}
