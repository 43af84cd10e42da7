import { AuthError, ConnectError } from '../../errors.js'
import { connectionLost } from '../transfer-errors.js'
import type { Command, CommandResult, RunOptions, Session, Transfer, TransferOptions } from '../transport.js'
import type { ChannelPool } from './channel/channel-pool.js'
import type { FileAgent } from './files/ask-agent.js'
import { download, upload } from './files/transfer.js'
import { HttpConnectionError } from './http/http-connection.js'
import { type CommandInput, OperationsUsedUp, type RunningOptions, runInShell } from './shell/run-command.js'
import { isGone, type Shell } from './shell/shell.js'
import { ShellSet } from './shell/shell-set.js'
import { defaultEnvelopeBytes, FaultError, type WsmanClient } from './wsman/client.js'
import { faultError } from './wsman/fault-error.js'
import { payloadOf, readEnvelopeLimit } from './wsman/service-config.js'

export interface WinrmSessionOptions {
  client: WsmanClient
  pool: ChannelPool
  shell: Shell
  createShell: () => Promise<Shell>
  /** Takes the shells that could not be deleted, because the connection was lost. */
  onLeaked: (shells: Shell[]) => void
}

/** How long the server may take to delete a shell at the end, in milliseconds. */
const goodbyeMs = 5000

/** A `Session` in the shells of one server. Once a request gets no answer it is lost, and nothing more is tried on it. */
export class WinrmSession implements Session {
  readonly #options: WinrmSessionOptions
  readonly #shells: ShellSet
  readonly #agent: FileAgent
  #lost = false
  #ending: Promise<void> | undefined
  #envelopeBytes: Promise<number> | undefined

  constructor(options: WinrmSessionOptions) {
    this.#options = options
    this.#shells = new ShellSet(options.shell, options.createShell)
    this.#agent = {
      where: options.client.where,
      run: async (command, running) =>
        this.#run(command, {
          ...running,
          payloadBytes: payloadOf(defaultEnvelopeBytes),
          maxEnvelopeSize: await this.#envelopeLimit(),
        }),
      payloadBytes: async large => payloadOf(large ? await this.#envelopeLimit() : defaultEnvelopeBytes),
    }
  }

  get closed(): boolean {
    return this.#lost
  }

  async run(command: Command, options: RunOptions = {}): Promise<CommandResult> {
    return this.#run(command, { ...options, payloadBytes: payloadOf(defaultEnvelopeBytes) })
  }

  upload(source: string | Uint8Array, destination: string, options: TransferOptions = {}): Promise<Transfer> {
    return this.#translated(() => upload(this.#agent, source, destination, options))
  }

  download(source: string, destination: string, options: TransferOptions = {}): Promise<Transfer> {
    return this.#translated(() => download(this.#agent, source, destination, options))
  }

  /** Deletes the shells, which ends whatever still runs in them. */
  close(): Promise<void> {
    this.#ending ??= this.#end()
    return this.#ending
  }

  async #run(command: CommandInput, options: RunningOptions): Promise<CommandResult> {
    const startedAt = performance.now()
    const ended = (how: Partial<CommandResult>): CommandResult => ({
      ...nothing,
      ...how,
      durationMs: performance.now() - startedAt,
    })
    if (this.#lost) return ended({ connectionLost: true })
    if (options.signal?.aborted === true) return ended({ canceled: true })
    const queued = queueLimit(options)
    try {
      const result = await this.#inAnyShell(command, { ...options, ...queued.left() }, queued.signal)
      if (result.connectionLost) this.#lose()
      return result
    } catch (error) {
      if (queued.signal.aborted && error === queued.signal.reason) {
        return ended(queued.late ? { timedOut: true } : { canceled: true })
      }
      if (!isLoss(error)) {
        throw error instanceof FaultError ? faultError(error.fault, this.#options.client.where, 'another shell') : error
      }
      this.#lose()
      return ended({ connectionLost: true })
    } finally {
      queued.dispose()
    }
  }

  /** A command that its shell did not take, because past ones used up the quota, is given to another one. */
  async #inAnyShell(command: CommandInput, options: RunningOptions, signal: AbortSignal): Promise<CommandResult> {
    let used: Shell | undefined
    const run = (shell: Shell): Promise<CommandResult> => {
      used = shell
      return runInShell(shell, this.#options.client.where, command, options)
    }
    try {
      return await this.#shells.use(run, signal)
    } catch (error) {
      if (!(error instanceof OperationsUsedUp) || used === undefined) throw error
      await this.#shells.renew(used)
    }
    try {
      return await this.#shells.use(run, signal)
    } catch (error) {
      throw error instanceof OperationsUsedUp ? error.told : error
    }
  }

  async #translated(act: () => Promise<Transfer>): Promise<Transfer> {
    if (this.#lost) throw connectionLost(this.#options.client.where)
    try {
      return await act()
    } catch (error) {
      if (error instanceof FaultError) throw faultError(error.fault, this.#options.client.where, 'the transfer')
      if (!isLoss(error)) throw error
      this.#lose()
      throw connectionLost(this.#options.client.where)
    }
  }

  #envelopeLimit(): Promise<number> {
    this.#envelopeBytes ??= readEnvelopeLimit(this.#options.client)
    return this.#envelopeBytes
  }

  /** The commands of a lost session run on in its shell until somebody deletes it. */
  #lose(): void {
    if (this.#lost) return
    this.#lost = true
    this.#options.pool.close()
    this.#ending = Promise.resolve()
    this.#options.onLeaked(this.#shells.abandon())
  }

  async #end(): Promise<void> {
    this.#lost = true
    const limit = AbortSignal.timeout(goodbyeMs)
    const late = new Promise(resolve => limit.addEventListener('abort', resolve, { once: true }))
    await Promise.race([this.#shells.deleteAll(limit), late])
    this.#options.pool.close()
    const left = this.#shells.abandon()
    if (left.length > 0) this.#options.onLeaked(left)
  }
}

const nothing: CommandResult = {
  exitCode: null,
  stdout: '',
  stderr: '',
  durationMs: 0,
  timedOut: false,
  canceled: false,
  connectionLost: false,
}

/** No answer, no new connection, or no shell any more. A refused logon is not a loss: nobody tries it again. */
function isLoss(error: unknown): boolean {
  if (error instanceof AuthError) return false
  return error instanceof HttpConnectionError || error instanceof ConnectError || isGone(error)
}

/** The time that a command waits for its turn counts. */
function queueLimit({ timeoutMs, signal }: Pick<RunningOptions, 'timeoutMs' | 'signal'>) {
  const startedAt = performance.now()
  const late = new AbortController()
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => late.abort(), timeoutMs)
  return {
    get late() {
      return late.signal.aborted
    },
    signal: signal === undefined ? late.signal : AbortSignal.any([late.signal, signal]),
    left: () => {
      clearTimeout(timer)
      return timeoutMs === undefined ? {} : { timeoutMs: Math.max(1, timeoutMs - (performance.now() - startedAt)) }
    },
    dispose: () => clearTimeout(timer),
  }
}
