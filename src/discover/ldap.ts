import { connect, isIP, type NetConnectOpts, type Socket } from 'node:net'
import { type ConnectionOptions, rootCertificates } from 'node:tls'
import { Client, type Entry, InvalidCredentialsError, ResultCodeError, StrongAuthRequiredError } from 'ldapts'
import { AuthError, ConnectError, ToolError, UsageError } from '../errors.js'
import { type DirectoryEntry, serverAttributes, serverFilter } from './directory.js'

export interface DirectoryQuery {
  /** `ldaps://dc1.contoso.com`, or `ldap://`, which goes on with StartTLS. */
  url: string
  /** `DOMAIN\user`, `user@domain` or a distinguished name: what a simple bind to Active Directory takes (MS-ADTS 5.1.1.1.1). */
  username: string
  password: string
  /** PEM of the authorities that are believed as well as the usual ones. */
  ca?: string | undefined
  /** Without TLS: the password can be read on the way. */
  clearText?: boolean
  /** Milliseconds for connecting and for each answer. */
  timeoutMs?: number
}

/**
 * The Exchange servers' entries in the configuration partition. The password goes over TLS only, unless `clearText` says otherwise. Throws `UsageError`
 * LDAP_URL, LDAP_NO_CONFIGURATION; `ConnectError` LDAP_CONNECT, LDAP_TLS, LDAP_NOT_SEALED, LDAP_QUERY; `AuthError` LDAP_LOGON.
 */
export async function askDirectory(query: DirectoryQuery): Promise<DirectoryEntry[]> {
  const { username, password, timeoutMs = 30_000 } = query
  const { url, host, secure } = target(query.url)
  const trust: ConnectionOptions = {
    host,
    ...(isIP(host) === 0 && { servername: host }),
    ...(query.ca !== undefined && { ca: [...rootCertificates, query.ca] }),
  }
  const { dial, end } = onceOnly()
  const client = new Client({
    ...{ url, timeout: timeoutMs, connectTimeout: timeoutMs, createConnection: dial },
    // With these it speaks TLS from the first byte, whatever the address says.
    ...(secure && { tlsOptions: trust }),
  })
  try {
    if (!secure && query.clearText !== true) {
      const sealed = client.startTLS(trust).catch(cause => Promise.reject(notSealed(url, cause)))
      await within(timeoutMs, sealed)
    }
    await client.bind(username, password)
    const partition = await configurationPartition(client, url)
    const { searchEntries } = await client.search(`CN=Microsoft Exchange,CN=Services,${partition}`, {
      scope: 'sub',
      filter: serverFilter,
      attributes: [...serverAttributes],
      paged: { pageSize: 500 },
    })
    return searchEntries.map(toEntry)
  } catch (cause) {
    throw toToolError(cause, url, username)
  } finally {
    await within(1000, client.unbind()).catch(() => undefined)
    end()
  }
}

function target(url: string): { url: string; host: string; secure: boolean } {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const known = parsed?.protocol === 'ldap:' || parsed?.protocol === 'ldaps:'
  if (parsed === undefined || !known || parsed.hostname === '' || parsed.username !== '' || parsed.password !== '') {
    throw new UsageError('--ldap takes the address of a domain controller.', {
      code: 'LDAP_URL',
      hint: '--ldap ldaps://dc1.contoso.com; the user goes into --username, the password is asked for.',
    })
  }
  const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1')
  const port = parsed.port === '' ? '' : `:${parsed.port}`
  return { url: `${parsed.protocol}//${parsed.hostname}${port}`, host, secure: parsed.protocol === 'ldaps:' }
}

/** The library connects again by itself when the connection is gone, and would then send the password without StartTLS. */
function onceOnly(): { dial: typeof connect; end(): void } {
  let socket: Socket | undefined
  const dial = (port: number | NetConnectOpts, host?: string): Socket => {
    if (socket !== undefined) throw new Error('the connection was closed')
    socket = typeof port === 'number' ? connect({ port, ...(host !== undefined && { host }) }) : connect(port)
    return socket
  }
  return { dial: dial as typeof connect, end: () => socket?.destroy() }
}

/** The library sets no limit to a TLS handshake, nor to a farewell. */
function within<T>(ms: number, asked: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
    asked.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** MS-ADTS 3.1.1.3.2.4: the root entry names the configuration partition. */
async function configurationPartition(client: Client, url: string): Promise<string> {
  const { searchEntries } = await client.search('', { scope: 'base', attributes: ['configurationNamingContext'] })
  const [partition] = searchEntries.flatMap(entry => toEntry(entry).get('configurationnamingcontext') ?? [])
  if (partition !== undefined) return partition
  throw new UsageError(`${url} is no domain controller: it names no configuration partition.`, {
    code: 'LDAP_NO_CONFIGURATION',
    hint: 'Name a domain controller of the forest that Exchange is in: nslookup -type=SRV _ldap._tcp.dc._msdcs.DOMAIN',
  })
}

function toEntry(entry: Entry): DirectoryEntry {
  return new Map(
    Object.entries(entry).map(([name, value]) => {
      const values: (string | Buffer)[] = Array.isArray(value) ? value : [value]
      return [name.toLowerCase(), values.map(one => (typeof one === 'string' ? one : one.toString('utf8')))]
    }),
  )
}

function toToolError(cause: unknown, url: string, username: string): ToolError {
  if (cause instanceof ToolError) return cause
  const message = cause instanceof Error ? (cause.message.split('\n').at(-1) ?? '') : String(cause)
  if (cause instanceof InvalidCredentialsError) {
    return new AuthError(`${url} does not take the password of ${username}${logonReason(cause.message)}.`, {
      code: 'LDAP_LOGON',
      hint: 'Write the user as DOMAIN\\user or user@domain. It was tried once: another try can lock the account.',
    })
  }
  if (cause instanceof StrongAuthRequiredError) return notSealed(url, cause)
  if (cause instanceof ResultCodeError) {
    return new ConnectError(`${url} does not answer the question for Exchange servers: ${message}`, {
      code: 'LDAP_QUERY',
      hint: 'The account has to be able to read the configuration partition, as every account of the forest can, unless somebody took that away.',
      cause,
    })
  }
  const { code = '' } = cause as { code?: string }
  if (/CERT|SELF_SIGNED|ISSUER|ALTNAME|SSL|TLS/.test(code)) {
    return new ConnectError(`${url} shows a certificate that cannot be believed: ${message}`, {
      code: 'LDAP_TLS',
      hint: "Name the PEM file of the domain's own authority with --ca, and the host by the name in its certificate.",
      cause,
    })
  }
  return new ConnectError(`${url} cannot be asked: ${message}`, {
    code: 'LDAP_CONNECT',
    hint: 'Check the name and the way there: port 636 for ldaps, 389 for ldap.',
    cause,
  })
}

/** Windows tells why in its own numbers (System Error Codes in hex). */
function logonReason(message: string): string {
  const code = /data ([0-9a-f]+)/i.exec(message)?.[1]?.toLowerCase() ?? ''
  const reasons: Readonly<Record<string, string>> = {
    '525': ': there is no such user',
    '532': ': it has expired',
    '533': ': the account is disabled',
    '701': ': the account has expired',
    '773': ': it has to be changed first',
    '775': ': the account is locked',
  }
  return reasons[code] ?? ''
}

function notSealed(url: string, cause: unknown): ToolError {
  // Else it is the connection or the certificate, not the answer to StartTLS.
  if (!(cause instanceof ResultCodeError)) return toToolError(cause, url, '')
  return new ConnectError(`${url} does not take StartTLS, and without it the password could be read on the way.`, {
    code: 'LDAP_NOT_SEALED',
    hint: 'Use ldaps://, or a domain controller that has a certificate. On a network that only you can read: --ldap-clear-text.',
    cause,
  })
}
