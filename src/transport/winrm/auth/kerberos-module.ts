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
  /** `service` is a host-based name: `HTTP@ex-01.contoso.com`. */
  initializeClient(
    service: string,
    options: { mechOID: number; gssFlags: number; user?: string; password?: string; domain?: string },
  ): Promise<KerberosClient>
}

/** GSS_MECH_OID_KRB5 of the package: tokens of Kerberos alone, never NTLM in its place. */
export const kerberosMechanism = 9
/** Mutual authentication, replay and sequence detection, confidentiality, integrity (RFC 2744 3.19). */
export const gssFlags = 2 | 4 | 8 | 16 | 32

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
