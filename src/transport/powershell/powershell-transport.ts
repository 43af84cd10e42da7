import { ConnectError, UsageError } from '../../errors.js'
import type { InventoryServer } from '../../inventory/model.js'
import type { Secrets } from '../../secrets/secrets.js'
import type { Session, Transport } from '../transport.js'
import { connectFailure } from './connect-failure.js'
import type { HostedShell } from './hosted-shell.js'
import { pinnedKnownHosts } from './known-host.js'
import { type Lane, laneOf } from './lane.js'
import { PowershellSession } from './session.js'
import { powershellOf, sessionParameters } from './session-parameters.js'
import { createShellKeeper, type ShellKeeper } from './shell-keeper.js'

export interface PowershellTransportOptions {
  secrets: Secrets
  /** The hosted shell that serves all servers; one of this process when absent. */
  keeper?: ShellKeeper
}

/** Starts nothing before somebody asks it. */
const ownKeeper = createShellKeeper(process.env)
let lanes = 0
/** Milliseconds a session may take to open: OpenTimeout of New-PSSessionOption, which New-PSSession keeps to by itself over WinRM only. */
const openTimeoutMs = 180_000

/**
 * A server through the operator's own PowerShell: `New-PSSession -ComputerName` with the operator's logon or a credential, or `-HostName` over
 * SSH. One hosted shell serves all servers; when it dies, sessions are lost, and the next connection starts another.
 */
export function powershellTransport(
  server: InventoryServer,
  { secrets, keeper = ownKeeper }: PowershellTransportOptions,
): Transport {
  const where = `${server.host}:${server.port}`
  return {
    async connect(signal) {
      signal?.throwIfAborted()
      refusePasswordOverSsh(server)
      const leave = keeper.use()
      const cleanUp: (() => void)[] = [leave]
      const end = () => {
        for (const each of cleanUp.splice(0)) each()
      }
      try {
        const shell = await untilAborted(keeper.shell(), signal)
        const parameters = sessionParameters(server, await knownHostsOf(server, cleanUp, signal))
        const password = await secrets.password(server.credential)
        const credential =
          password === undefined ? {} : { credential: { username: server.credential.username, password } }
        const open = (): Promise<Lane> => openLane(shell, where, { session: parameters, ...credential }, signal)
        const first = await open()
        return new PowershellSession({ where, first, openLane: open, onEnd: end }) satisfies Session
      } catch (error) {
        end()
        throw error
      }
    },
  }
}

async function openLane(
  shell: HostedShell,
  where: string,
  request: { session: Record<string, unknown>; credential?: { username: string; password: string } },
  signal: AbortSignal | undefined,
): Promise<Lane> {
  const lane = `lane-${++lanes}`
  let id = 0
  const asked = shell.ask({ verb: 'open', lane, ...request }, undefined, given => {
    id = given
  })
  const stop = () => shell.stop(id)
  signal?.addEventListener('abort', stop, { once: true })
  const late = setTimeout(stop, openTimeoutMs)
  try {
    const answer = await untilAborted(asked, signal)
    if (answer.ended === 'stopped') throw openedLate(where)
    if (answer.ended !== 'opened') throw connectFailure(where, answer)
    return laneOf(shell, lane)
  } finally {
    clearTimeout(late)
    signal?.removeEventListener('abort', stop)
  }
}

function openedLate(where: string): ConnectError {
  return new ConnectError(`${where} gave no PowerShell session within ${openTimeoutMs / 1000} s.`, {
    code: 'CONNECT_TIMEOUT',
    hint: 'Is the server up and not too busy? Try New-PSSession by hand with the same host and port; exroll doctor HOST looks at each hop.',
  })
}

/** A pin wins over known_hosts, as with `transport: ssh`. */
async function knownHostsOf(
  server: InventoryServer,
  cleanUp: (() => void)[],
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  if (powershellOf(server).over !== 'ssh') return undefined
  if (server.ssh.hostKey === undefined) return server.ssh.knownHosts
  const { file, remove } = await pinnedKnownHosts(server, server.ssh.hostKey, signal)
  cleanUp.push(remove)
  return file
}

/** ssh takes no password from a program; a prompt that nobody sees would only wait. */
function refusePasswordOverSsh(server: InventoryServer): void {
  if (powershellOf(server).over !== 'ssh' || server.credential.password === undefined) return
  throw new UsageError(`${server.name}: PowerShell over SSH cannot be given a password`, {
    code: 'PASSWORD_OVER_SSH',
    hint: 'Use a key or the agent in its credential, or transport: ssh, which takes passwords.',
  })
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
