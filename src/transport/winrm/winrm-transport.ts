import { AuthError, ConnectError, ToolError } from '../../errors.js'
import type { InventoryServer } from '../../inventory/model.js'
import type { Secrets } from '../../secrets/secrets.js'
import type { Session, Transport } from '../transport.js'
import { Channel } from './channel/channel.js'
import { ChannelPool } from './channel/channel-pool.js'
import { HttpConnectionError } from './http/http-connection.js'
import { LeakedShells, sweepMs } from './leaked-shells.js'
import { WinrmSession } from './session.js'
import { Shell } from './shell/shell.js'
import { deleted } from './shell/shell-set.js'
import { type LeftShell, ShellRecord } from './shell-record.js'
import { readTarget } from './target.js'
import { FaultError, isFault, WsmanClient } from './wsman/client.js'
import { faultError } from './wsman/fault-error.js'
import { describeHolders, readOpenShells } from './wsman/open-shells.js'

export interface WinrmTransportOptions {
  secrets: Secrets
  /** Where it is written down which shells are open; default: this process's own record. */
  record?: ShellRecord
}

let ofProcess: ShellRecord | undefined

function processRecord(): ShellRecord {
  ofProcess ??= new ShellRecord()
  return ofProcess
}

/** A shell that nobody uses is deleted by the server after this: what a killed exroll leaves does not stay for hours. */
const idleTimeoutMs = 15 * 60_000

/**
 * The `winrm` transport to one server of the inventory. `connect` logs on and opens a command shell; the server's certificate is
 * always checked over HTTPS, every message is sealed over HTTP, the credential is sent once.
 */
export function winrmTransport(
  server: InventoryServer,
  { secrets, record = processRecord() }: WinrmTransportOptions,
): Transport {
  const { host, port } = server
  const { username } = server.credential
  const where = `${host}:${port}`
  const scheme = server.winrm.scheme ?? 'http'
  const url = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}/wsman`
  const target = () => readTarget(server, secrets)
  const leaked = new LeakedShells(target, url)

  async function open(signal: AbortSignal | undefined): Promise<Session> {
    signal?.throwIfAborted()
    await leaked.sweep()
    const refused = leaked.takeRefusal()
    if (refused !== undefined) throw refused
    const channelTarget = { ...(await target()), affinity: {} }
    const pool = new ChannelPool(aborted => Channel.open(channelTarget, aborted))
    const client = new WsmanClient({ pool, url, where })
    const createShell = (aborted?: AbortSignal) =>
      Shell.create(client, {
        idleTimeoutMs,
        options: [
          { name: 'WINRS_NOPROFILE', value: 'TRUE' },
          { name: 'WINRS_CODEPAGE', value: '65001' },
        ],
        signal: aborted,
        onOpened: reference => record.opened({ where, username, reference }),
        onEnded: reference => record.ended({ where, username, reference }),
      })
    try {
      await sweepLeftBehind(client, record.leftBehind(where, username), left => record.forget(left), signal)
      const shell = await createShell(signal)
      return new WinrmSession({
        client,
        pool,
        shell,
        createShell,
        onLeaked: shells => leaked.add(shells),
      })
    } catch (error) {
      const told = connectError(error, where, await holdersOf(client, error, signal))
      pool.close()
      throw told
    }
  }

  return {
    async connect(signal) {
      try {
        return await open(signal)
      } catch (error) {
        throw connectError(error, where)
      }
    },
  }
}

/** Deletes shells of processes that are gone. One that does not go now is tried again at the next connection. */
async function sweepLeftBehind(
  client: WsmanClient,
  shells: readonly LeftShell[],
  forget: (shell: LeftShell) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const limits = [AbortSignal.timeout(sweepMs), ...(signal === undefined ? [] : [signal])]
  for (const left of shells) {
    if (!(await deleted(new Shell(client, left.reference), AbortSignal.any(limits)))) return
    forget(left)
  }
}

/** Who has the shells that are too many; undefined when that is not the trouble, or the server does not say. */
async function holdersOf(client: WsmanClient, error: unknown, signal?: AbortSignal): Promise<string | undefined> {
  if (!isFault(error, 'maxShells', 'maxShellsPlugIn', 'maxPlugInShells')) return undefined
  const limits = [AbortSignal.timeout(sweepMs), ...(signal === undefined ? [] : [signal])]
  try {
    const holders = describeHolders(await readOpenShells(client, AbortSignal.any(limits)))
    return holders === '' ? undefined : holders
  } catch {
    // The quota is what the operator has to know; this would have been more about it.
    return undefined
  }
}

/** Why there is no session: `ConnectError` or `AuthError`, or the reason of an abort. */
function connectError(error: unknown, where: string, holders?: string): unknown {
  if (error instanceof ConnectError || error instanceof AuthError) return error
  if (error instanceof HttpConnectionError) {
    const late = error.kind === 'timeout'
    const what = late ? 'let the account in and opened no shell' : 'ended the connection before a shell was there'
    return new ConnectError(`${where} ${what}: ${error.message}.`, {
      code: late ? 'CONNECT_TIMEOUT' : 'CONNECT_FAILED',
      hint: 'Look at the event log Microsoft-Windows-WinRM/Operational of the server.',
      cause: error,
    })
  }
  const known = error instanceof FaultError ? faultError(error.fault, where, 'a shell') : error
  if (known instanceof AuthError || !(known instanceof ToolError)) return known
  return new ConnectError(holders === undefined ? known.message : `${known.message} Open there: ${holders}.`, {
    code: known.code,
    ...(known.hint !== undefined && { hint: known.hint }),
    cause: error,
  })
}
