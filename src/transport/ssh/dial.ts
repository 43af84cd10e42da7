import type { Duplex } from 'node:stream'
import ssh2, { type Client, type ServerHostKeyAlgorithm } from 'ssh2'
import { AuthError, ConnectError, type ToolError } from '../../errors.js'
import { checkHostKey, type HostKeyRules } from './host-key.js'
import { type Logon, type LogonAttempt, startLogon } from './logon.js'

export interface DialOptions {
  /** An open connection to the SSH port. Ended by a failure. */
  socket: Duplex
  rules: HostKeyRules
  algorithms: ServerHostKeyAlgorithm[]
  logon: Logon
  /** Milliseconds for the handshake and the logon. */
  timeoutMs: number
  keepAliveMs: number
  /** Takes secrets out of what a server says. */
  mask: (text: string) => string
  /** Hears what the server shows before anybody is logged on. */
  watch?: {
    /** Its identification string (RFC 4253 4.2), or whatever it begins with. */
    identification?(text: string): void
    hostKey?(key: Buffer): void
    /** The methods that it takes. */
    offered?(methods: readonly string[]): void
  }
}

type Stage = 'handshake' | 'logon'

/** An authenticated client, and the socket under it: ssh2 does not destroy one that it has already ended. */
export interface Dialed {
  client: Client
  socket: Duplex
  /** The server calls itself OpenSSH in its identification string (RFC 4253 4.2), as Windows' own does. */
  isOpenSsh: boolean
}

/** The connection ended while the password was being checked: nobody knows whether it was refused. */
export class LogonCutError extends ConnectError {}

/**
 * An authenticated ssh2 client on `socket`. Throws `ConnectError` (`CONNECT_FAILED`, `CONNECT_TIMEOUT`,
 * `HANDSHAKE_FAILED`, `HOST_KEY_*`) or `AuthError` (`AUTH_FAILED`, `PASSWORD_EXPIRED`); aborts with the reason.
 */
export function dial(options: DialOptions, signal?: AbortSignal): Promise<Dialed> {
  const { socket, rules, logon, timeoutMs, keepAliveMs, watch } = options
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      socket.destroy()
      return reject(signal.reason)
    }
    const client = new ssh2.Client()
    let stage: Stage = 'handshake'
    let refusal: ConnectError | undefined
    let done = false
    let isOpenSsh = false

    const settle = () => {
      done = true
      signal?.removeEventListener('abort', onAbort)
    }
    const fail = (reason: unknown) => {
      if (done) return
      settle()
      reject(reason)
      socket.destroy()
    }
    const attempt = startLogon(logon, fail)
    const context = () => ({ ...options, stage, attempt })
    const onAbort = () => fail(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })

    client.on('error', error => {
      // An agent that cannot be asked is one method less, not the end.
      if (error.level === 'agent') return
      fail(refusal ?? explain(error, context()))
    })
    client.on('close', () => fail(refusal ?? cut(context())))
    client.on('handshake', () => {
      stage = 'logon'
    })
    client.on('change password', () => fail(expired(options)))
    client.on('ready', () => {
      if (done) return
      settle()
      client.setNoDelay(true)
      resolve({ client, socket, isOpenSsh })
    })
    client.connect({
      sock: socket,
      username: logon.username,
      readyTimeout: timeoutMs,
      keepaliveInterval: keepAliveMs,
      keepaliveCountMax: 3,
      algorithms: { serverHostKey: options.algorithms },
      hostVerifier: (key: Buffer) => {
        watch?.hostKey?.(key)
        refusal = checkHostKey(key, rules)
        return refusal === undefined
      },
      authHandler: offered => {
        if (offered !== null) watch?.offered?.(offered)
        return attempt.next(offered)
      },
    })
    // After ssh2 listens, so that it misses nothing. What stands in a later piece is not worth waiting for.
    socket.once('data', (first: Buffer) => {
      const [identification = ''] = first.toString('latin1', 0, 255).split(/[\r\n]/)
      isOpenSsh = identification.startsWith('SSH-2.0-OpenSSH')
      watch?.identification?.(identification)
    })
  })
}

interface Context extends DialOptions {
  stage: Stage
  attempt: LogonAttempt
}

function explain(error: Error & { level?: string }, context: Context): ToolError {
  const { rules, mask, stage, timeoutMs, attempt } = context
  const where = `${rules.host}:${rules.port}`
  const said = mask(error.message)
  if (error.level === 'client-authentication') return refused(context)
  if (error.level === 'client-timeout') {
    return new ConnectError(`${where} accepted the connection, but no ${stage} within ${timeoutMs} ms.`, {
      code: 'CONNECT_TIMEOUT',
      hint: 'Is it an SSH server, and is it overloaded? ssh.connect_timeout in the inventory sets the limit.',
    })
  }
  if (stage === 'logon') {
    // sshd ends the connection when it has seen too many refusals (MaxAuthTries).
    if (/too many authentication failures/i.test(said)) return refused(context)
    return attempt.passwordSent ? cut(context) : lost(`${where} ended the connection at logon: ${said}.`)
  }
  if (/no matching|unsupported|handshake failed/i.test(said)) {
    return new ConnectError(`${where} and exroll have no common way to encrypt: ${said}.`, {
      code: 'HANDSHAKE_FAILED',
      hint: 'The SSH server is too old or too strict. Update it, or widen its KexAlgorithms, Ciphers, HostKeyAlgorithms.',
    })
  }
  return lost(`${where} ended the connection in the SSH handshake: ${said}.`)
}

function refused({ rules, logon, attempt }: Context): AuthError {
  const where = `${rules.host}:${rules.port}`
  const tried = attempt.tried.join(', ')
  const offered = attempt.offered.join(', ')
  if (tried === '') {
    return new AuthError(
      `${where} takes ${offered || 'no logon at all'}; credential ${logon.credentialName} has nothing of it.`,
      {
        code: 'AUTH_FAILED',
        hint: 'Give the credential a password, a key or agent: true, or allow another method on the server.',
      },
    )
  }
  return new AuthError(`${where} refused ${logon.username} (tried: ${tried}).`, {
    code: 'AUTH_FAILED',
    hint: `Check credential ${logon.credentialName} and that the account is not locked. Each was tried once and is not tried again.`,
  })
}

function cut({ rules, stage, attempt, logon }: Context): ConnectError {
  const where = `${rules.host}:${rules.port}`
  if (stage === 'logon' && attempt.passwordSent) {
    return new LogonCutError(`${where} ended the connection while it checked the password of ${logon.username}.`, {
      code: 'CONNECT_FAILED',
      hint: 'Look at the log of its SSH server.',
    })
  }
  return lost(`${where} ended the connection before the ${stage} was done.`)
}

function lost(message: string): ConnectError {
  return new ConnectError(message, {
    code: 'CONNECT_FAILED',
    hint: 'Is it an SSH server, and does it take more connections (MaxStartups)? Look at its log.',
  })
}

function expired({ rules, logon }: DialOptions): AuthError {
  return new AuthError(`${rules.host}:${rules.port} wants a new password for ${logon.username}.`, {
    code: 'PASSWORD_EXPIRED',
    hint: 'Change the password by hand, then start again.',
  })
}
