import type { X509Certificate } from 'node:crypto'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, createSecureContext, type SecureContext } from 'node:tls'
import { ConnectError } from '../../../errors.js'
import { checkCertificate, peerCertificate, systemAuthorities, type TlsTrust } from './tls-trust.js'

export interface ClientCertificate {
  /** PEM of the certificate and its private key. */
  pem: string
  passphrase?: string | undefined
}

export interface DialTarget {
  host: string
  port: number
  /** Absent: plain HTTP. */
  tls?: { trust: TlsTrust; client?: ClientCertificate | undefined }
  timeoutMs: number
}

export interface Dialed {
  socket: Socket
  /** The server's, over TLS. */
  certificate?: X509Certificate
}

/**
 * Opens a connection, over TLS with the server's certificate checked. Throws `ConnectError`: `CONNECT_FAILED`, `CONNECT_TIMEOUT`,
 * `TLS_FAILED`, `TLS_UNTRUSTED`, `HOST_KEY_CHANGED`; aborts with the signal's reason.
 */
export function dial({ host, port, tls, timeoutMs }: DialTarget, signal?: AbortSignal): Promise<Dialed> {
  const where = `${host}:${port}`
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason)
    const secured = tls === undefined ? undefined : connectTls({ ...tlsOptions(tls, host), host, port })
    const socket: Socket = secured ?? connectTcp({ host, port })
    let connected = false
    const timer = setTimeout(() => fail(timedOut(where, timeoutMs, connected)), timeoutMs)
    const settle = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      socket.off('error', onError)
      socket.off('close', onClose)
      // Nobody may listen for a moment; a socket error without a listener would end the process.
      socket.on('error', () => undefined)
    }
    const onAbort = () => fail(signal?.reason)
    const onError = (error: Error) => fail(connected ? tlsFailed(where, error) : refused(where, error))
    // The end of the connection in the handshake is no error to Node.
    const onClose = () => fail(tlsFailed(where, new Error('the server closed the connection')))
    function fail(reason: unknown): void {
      settle()
      socket.destroy()
      reject(reason)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    socket.once('error', onError)
    socket.once('close', onClose)
    socket.once('connect', () => {
      connected = true
      socket.setNoDelay(true)
      socket.setKeepAlive(true)
      if (secured !== undefined) return
      settle()
      resolve({ socket })
    })
    secured?.once('secureConnect', () => {
      try {
        const refusal = checkCertificate(secured, tls?.trust ?? {}, where)
        if (refusal !== undefined) return fail(refusal)
        const certificate = peerCertificate(secured)
        settle()
        resolve({ socket, certificate })
      } catch (error) {
        // Thrown in an event it would reach nobody and end the process.
        fail(error)
      }
    })
  })
}

function tlsOptions(tls: NonNullable<DialTarget['tls']>, host: string): ConnectionOptions {
  return {
    secureContext: contextOf(tls),
    // checkCertificate decides, so that a pin holds for a self-signed certificate too.
    rejectUnauthorized: false,
    ...(isIP(host) === 0 && { servername: host }),
  }
}

const contexts = new Map<string, SecureContext>()

/** To read a system's authorities takes a third of a second: once for all connections that believe the same ones. */
function contextOf({ trust, client }: NonNullable<DialTarget['tls']>): SecureContext {
  // With a pin nobody else is asked.
  const asksNobody = trust.fingerprint !== undefined || trust.unverified === true
  const authorities = asksNobody ? [] : trust.ca === undefined ? [...systemAuthorities()] : [trust.ca]
  if (client !== undefined) {
    return createSecureContext({ ca: authorities, cert: client.pem, key: client.pem, passphrase: client.passphrase })
  }
  const key = asksNobody ? 'nobody' : (trust.ca ?? 'system')
  const known = contexts.get(key) ?? createSecureContext({ ca: authorities })
  contexts.set(key, known)
  return known
}

function timedOut(where: string, timeoutMs: number, connected: boolean): ConnectError {
  return new ConnectError(
    `${where} did not ${connected ? 'finish the TLS handshake' : 'answer'} within ${timeoutMs} ms.`,
    {
      code: 'CONNECT_TIMEOUT',
      hint: connected
        ? 'Is it the HTTPS port (5986) of a WinRM listener, and does the service answer? Restart-Service WinRM on the server.'
        : 'Is the server up, and does a firewall drop the port? winrm quickconfig opens that of the server itself.',
    },
  )
}

const winrmOff =
  'Is WinRM on (winrm quickconfig), and does it listen on this port (winrm enumerate winrm/config/listener)?'
const reasons: Readonly<Record<string, { what: string; hint: string }>> = {
  ECONNREFUSED: { what: 'refused the connection', hint: winrmOff },
  ENOTFOUND: { what: 'has no address', hint: 'The name is not in DNS. Check host in the inventory.' },
  EAI_AGAIN: { what: 'has no address', hint: 'DNS did not answer. Check the network and host in the inventory.' },
  EHOSTUNREACH: { what: 'cannot be reached', hint: 'There is no route to the host. Check the network.' },
  ENETUNREACH: { what: 'cannot be reached', hint: 'There is no route to the network. Check it.' },
  ETIMEDOUT: { what: 'did not answer', hint: 'Is the server up, and does a firewall on the way drop the port?' },
}

function refused(where: string, error: NodeJS.ErrnoException): ConnectError {
  const code = error.code ?? 'unknown error'
  const { what, hint } = reasons[code] ?? { what: 'cannot be connected to', hint: 'Check host and port.' }
  return new ConnectError(`${where} ${what} (${code}).`, { code: 'CONNECT_FAILED', hint, cause: error })
}

/** OpenSSL's reason alone, without where in its source it stands. */
export function tlsReason(error: Error): string {
  return 'reason' in error && typeof error.reason === 'string' ? error.reason : error.message
}

const schannelOff =
  'Its TLS is older than 1.2, or has no cipher in common. Windows 2003 and 2008 know no TLS 1.2, and 2008 R2 has it off (SCHANNEL\\Protocols\\TLS 1.2\\Server in its registry): use scheme: http with auth: negotiate, which seals every message.'
const tlsHints: readonly (readonly [RegExp, string])[] = [
  [
    /wrong version number|packet length too long|http request/i,
    'What answers there does not speak TLS. Is it the HTTPS port (5986)?',
  ],
  [/protocol version|unsupported protocol|handshake failure|no shared cipher|key too small/i, schannelOff],
]

function tlsFailed(where: string, error: NodeJS.ErrnoException): ConnectError {
  // A server that restarts resets connections too, and is there again later.
  if (error.code === 'ECONNRESET') {
    return new ConnectError(`${where} ended the connection in the TLS handshake (ECONNRESET).`, {
      code: 'CONNECT_FAILED',
      hint: 'Has its HTTPS listener a certificate with a private key (winrm enumerate winrm/config/listener shows CertificateThumbprint, netsh http show sslcert what is bound), and does no device in between end the connection?',
      cause: error,
    })
  }
  const reason = tlsReason(error)
  const hint = tlsHints.find(([pattern]) => pattern.test(reason))?.[1]
  return new ConnectError(`${where} and exroll could not agree on TLS: ${reason}.`, {
    code: 'TLS_FAILED',
    hint:
      hint ??
      `Is it the HTTPS port (5986), and has its listener a certificate with a private key (netsh http show sslcert)?`,
    cause: error,
  })
}
