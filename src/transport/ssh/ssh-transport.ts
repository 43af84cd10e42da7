import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import { AuthError, ConnectError } from '../../errors.js'
import type { Credential, InventoryServer } from '../../inventory/model.js'
import type { Secrets } from '../../secrets/secrets.js'
import type { Transport } from '../transport.js'
import { type Dialed, LogonCutError } from './dial.js'
import { dialTrusted } from './dial-trusted.js'
import type { HostKeyRules } from './host-key.js'
import { type Jump, parseJump } from './jump.js'
import { readLogon } from './logon.js'
import { defaultKnownHosts, readKnownHosts } from './read-known-hosts.js'
import { openSession } from './session.js'
import { openTcp } from './tcp.js'

export interface SshTransportOptions {
  secrets: Secrets
  /** For `SSH_AUTH_SOCK`. */
  env?: Readonly<Record<string, string | undefined>>
  /** Default of `ssh.knownHosts` when the inventory names none: `~/.ssh/known_hosts`. */
  knownHosts?: string
}

/** Twenty seconds: some hosts look names up before they send their banner. */
const defaultConnectTimeoutMs = 20_000
const defaultKeepAliveMs = 10_000

interface Target {
  host: string
  port: number
  credential: Credential
  pin: string | undefined
  pinSetting: string
}

/**
 * The `ssh` transport to one server of the inventory. `connect` opens a new connection each time; the host key is
 * always checked, the credential is sent once.
 */
export function sshTransport(server: InventoryServer, options: SshTransportOptions): Transport {
  const { secrets, env = process.env } = options
  const { connectTimeoutMs = defaultConnectTimeoutMs, keepAliveMs = defaultKeepAliveMs } = server.ssh
  const knownHostsFile = server.ssh.knownHosts ?? options.knownHosts ?? defaultKnownHosts()
  // Of password checks that ended with the connection: the second in a row counts as a refusal.
  let logonsCut = 0

  async function openClient(
    target: Target,
    openSocket: () => Promise<Duplex>,
    signal: AbortSignal | undefined,
  ): Promise<Dialed> {
    const logon = await readLogon(target.credential, secrets, env)
    const known = target.pin === undefined ? await readKnownHosts(knownHostsFile) : []
    const rules: HostKeyRules = { ...target, known, knownHostsFile }
    const { mask } = secrets.masker
    return dialTrusted({ openSocket, rules, logon, timeoutMs: connectTimeoutMs, keepAliveMs, mask }, signal)
  }

  async function openJump(jump: string, signal: AbortSignal | undefined): Promise<Dialed> {
    const { username, host, port } = readJump(jump)
    const credential = server.ssh.jumpCredential ?? server.credential
    const target: Target = {
      host,
      port,
      credential: username === undefined ? credential : { ...credential, username },
      pin: server.ssh.jumpHostKey,
      pinSetting: 'jump_host_key',
    }
    return openClient(target, () => openTcp(host, port, connectTimeoutMs, signal), signal)
  }

  async function open(signal: AbortSignal | undefined) {
    signal?.throwIfAborted()
    const { host, port, credential, ssh } = server
    const target: Target = { host, port, credential, pin: ssh.hostKey, pinSetting: 'host_key' }
    if (ssh.jump === undefined) {
      const dialed = await openClient(target, () => openTcp(host, port, connectTimeoutMs, signal), signal)
      return openSession(dialed, `${host}:${port}`)
    }
    const jump = await openJump(ssh.jump, signal)
    try {
      const through = () => forward(jump.client, ssh.jump ?? '', host, port, connectTimeoutMs, signal)
      const dialed = await openClient(target, through, signal)
      dialed.client.once('close', () => jump.client.end())
      return openSession(dialed, `${host}:${port}`)
    } catch (error) {
      jump.client.end()
      throw error
    }
  }

  return {
    async connect(signal) {
      try {
        const session = await open(signal)
        logonsCut = 0
        return session
      } catch (error) {
        if (!(error instanceof LogonCutError)) throw error
        logonsCut++
        if (logonsCut < 2) throw error
        throw new AuthError(`${error.message} That was the second time in a row.`, {
          code: 'AUTH_FAILED',
          hint: 'It may be how this server refuses a password. It is not sent again, so that the account is not locked.',
          cause: error,
        })
      }
    },
  }
}

function readJump(text: string): Jump {
  const jump = parseJump(text)
  if (jump !== undefined) return jump
  throw new ConnectError(`The jump host '${text}' is not of the form [user@]host[:port].`, {
    code: 'JUMP_INVALID',
    hint: 'Correct ssh.jump in the inventory.',
  })
}

function forward(
  client: Client,
  jump: string,
  host: string,
  port: number,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      finish()
      reject(
        new ConnectError(`${host}:${port} did not answer the jump host ${jump} within ${timeoutMs} ms.`, {
          code: 'CONNECT_TIMEOUT',
          hint: 'Is the server up, and may the jump host reach its port?',
        }),
      )
    }, timeoutMs)
    const onAbort = () => {
      finish()
      reject(signal?.reason)
    }
    const finish = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => {
      finish()
      if (error === undefined) return resolve(channel)
      reject(
        new ConnectError(`The jump host ${jump} could not connect to ${host}:${port}.`, {
          code: 'CONNECT_FAILED',
          hint: 'Is sshd running on the server, may the jump host reach its port, and does it allow forwarding (AllowTcpForwarding)?',
          cause: error,
        }),
      )
    })
  })
}
