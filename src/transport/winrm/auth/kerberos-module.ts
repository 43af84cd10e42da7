import { AuthError } from '../../../errors.js'

/** A client's side of one GSS context, as the `kerberos` package has it. Tokens and messages are base64. */
export interface KerberosClient {
  readonly contextComplete: boolean
  step(challenge: string): Promise<string | null>
  wrap(plain: string, options: { protect: boolean }): Promise<string>
  unwrap(sealed: string): Promise<string | null>
}

/** What is used of the `kerberos` package. */
export interface KerberosModule {
  initializeClient(service: string, options: ContextOptions): Promise<KerberosClient>
}

export interface ContextOptions {
  mechOID: number
  flags: number
  user?: string
  password?: string
  domain?: string
}

/** GSS_MECH_OID_KRB5 of the package: tokens of Kerberos alone, never NTLM in its place. */
const kerberosMechanism = 9
/** Mutual authentication, replay and sequence detection, confidentiality (RFC 2744 3.19; ISC_REQ_ of SSPI has the same). */
const commonFlags = 2 | 4 | 8 | 16
/** GSS_C_INTEG_FLAG, and ISC_REQ_INTEGRITY of SSPI. */
const integrity = { gssapi: 0x20, sspi: 0x10000 } as const

/** Who logs on, on Windows; elsewhere it is the owner of the ticket cache (kinit). */
export interface TicketOwner {
  username: string
  /** Without one Windows takes the logon of whoever started exroll. */
  password?: string | undefined
}

/** What the package is asked for to log on to `serviceClass/host`: GSSAPI and SSPI call the same things differently. */
export function contextRequest(
  { serviceClass, host, owner }: { serviceClass: string; host: string; owner: TicketOwner },
  platform: NodeJS.Platform,
): { service: string; options: ContextOptions } {
  if (platform !== 'win32') {
    const flags = commonFlags | integrity.gssapi
    return { service: `${serviceClass}@${host}`, options: { mechOID: kerberosMechanism, flags } }
  }
  const { username, password } = owner
  const at = username.indexOf('\\')
  const account = {
    user: username.slice(at + 1),
    ...(at >= 0 && { domain: username.slice(0, at) }),
    ...(password !== undefined && { password }),
  }
  const flags = commonFlags | integrity.sspi
  return { service: `${serviceClass}/${host}`, options: { mechOID: kerberosMechanism, flags, ...account } }
}

/**
 * Loads the `kerberos` package, which is no dependency of exroll: it is built for each system, and only who uses Kerberos over
 * WinRM needs it. Throws `AuthError` KERBEROS_MISSING.
 */
export async function loadKerberos(name = 'kerberos'): Promise<KerberosModule> {
  let loaded: unknown
  try {
    loaded = await import(name)
  } catch (error) {
    throw missing(error)
  }
  const module = hasClient(loaded) ? loaded : hasDefault(loaded) ? loaded.default : undefined
  if (hasClient(module)) return module
  throw missing()
}

function hasDefault(value: unknown): value is { default: unknown } {
  return typeof value === 'object' && value !== null && 'default' in value
}

function hasClient(value: unknown): value is KerberosModule {
  return (
    typeof value === 'object' &&
    value !== null &&
    'initializeClient' in value &&
    typeof value.initializeClient === 'function'
  )
}

function missing(cause?: unknown): AuthError {
  return new AuthError('winrm auth kerberos needs the kerberos package, which is not installed.', {
    code: 'KERBEROS_MISSING',
    hint: 'Run: npm install kerberos (it needs the Kerberos libraries of the system), or use auth: negotiate.',
    cause,
  })
}
