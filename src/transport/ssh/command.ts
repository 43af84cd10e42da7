import type { ClientChannel } from 'ssh2'
import { ConnectError, ToolError } from '../../errors.js'
import type { Command, CommandResult, RunOptions } from '../transport.js'
import type { Connection } from './connection.js'
import type { Slot } from './slots.js'

/** How long a server may take to close the channel of a command that was ended, in milliseconds. */
const closeGraceMs = 1000

type Stop = 'timeout' | 'abort'

/**
 * Runs one command on its own channel. Loss, time-out and abort are results; throws `ConnectError` when the server
 * opens no channel (`CHANNEL_REFUSED`) or does not run commands (`EXEC_REFUSED`).
 */
export async function runCommand(
  connection: Connection,
  command: Command,
  options: RunOptions,
): Promise<CommandResult> {
  const startedAt = performance.now()
  const output = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] }
  const result = (partial: Partial<CommandResult>): CommandResult => ({
    exitCode: null,
    // Joined before decoding: a character may lie across two chunks.
    stdout: Buffer.concat(output.stdout).toString('utf8'),
    stderr: Buffer.concat(output.stderr).toString('utf8'),
    durationMs: performance.now() - startedAt,
    timedOut: false,
    canceled: false,
    connectionLost: false,
    ...partial,
  })
  const stopped = (why: Stop) => result(why === 'timeout' ? { timedOut: true } : { canceled: true })

  const stop = watchStop(options)
  try {
    if (connection.lost) return result({ connectionLost: true })
    if (stop.why !== undefined) return stopped(stop.why)
    const opened = await openExec(connection, command.line, stop)
    if (opened === 'lost') return result({ connectionLost: true })
    if (opened === 'stopped') return stopped(stop.why ?? 'abort')
    const end = await pump(opened.channel, opened.slot, command, options, output, stop, connection)
    if (end === 'stopped') return stopped(stop.why ?? 'abort')
    if (end === 'lost') return result({ connectionLost: true })
    return result({ exitCode: end.exitCode })
  } finally {
    stop.dispose()
  }
}

interface StopWatch {
  /** Why the command has to end; undefined as long as it may go on. */
  readonly why: Stop | undefined
  readonly signal: AbortSignal
  dispose(): void
}

/** Time-out and abort as one signal. The time spent waiting for a channel counts. */
function watchStop({ timeoutMs, signal }: RunOptions): StopWatch {
  const controller = new AbortController()
  let why: Stop | undefined
  const stop = (reason: Stop) => {
    why ??= reason
    controller.abort()
  }
  const onAbort = () => stop('abort')
  if (signal?.aborted === true) onAbort()
  signal?.addEventListener('abort', onAbort, { once: true })
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => stop('timeout'), timeoutMs)
  return {
    get why() {
      return why
    },
    signal: controller.signal,
    dispose() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    },
  }
}

async function openExec(
  connection: Connection,
  line: string,
  stop: StopWatch,
): Promise<{ channel: ClientChannel; slot: Slot } | 'lost' | 'stopped'> {
  const opening = connection.openChannel<ClientChannel>(done => connection.client.exec(line, done), stop.signal)
  const stopped = new Promise<'stopped'>(resolve => {
    if (stop.signal.aborted) resolve('stopped')
    else stop.signal.addEventListener('abort', () => resolve('stopped'), { once: true })
  })
  try {
    const opened = await Promise.race([opening, stopped])
    if (opened === 'stopped') endWhenOpen(opening)
    return opened
  } catch (error) {
    if (stop.why !== undefined) return 'stopped'
    if (connection.lost) return 'lost'
    if (error instanceof ToolError) throw error
    throw new ConnectError(`${connection.where} does not run commands.`, {
      code: 'EXEC_REFUSED',
      hint: 'Its SSH server refused the exec request: check ForceCommand and the default shell of the account.',
      cause: error,
    })
  }
}

/** Stopped while the channel was being opened: it is closed as soon as it is there. */
function endWhenOpen(opening: Promise<{ channel: ClientChannel; slot: Slot }>): void {
  opening.then(
    ({ channel, slot }) => {
      channel.once('close', () => slot.release())
      channel.resume()
      channel.stderr.resume()
      endCommand(channel)
    },
    () => undefined,
  )
}

function pump(
  channel: ClientChannel,
  slot: Slot,
  command: Command,
  options: RunOptions,
  output: { stdout: Uint8Array[]; stderr: Uint8Array[] },
  stop: StopWatch,
  connection: Connection,
): Promise<{ exitCode: number | null } | 'lost' | 'stopped'> {
  return new Promise((resolve, reject) => {
    let exitCode: number | null = null
    let open = 2
    let done = false
    const finish = (act: () => void) => {
      if (done) return
      done = true
      stop.signal.removeEventListener('abort', onStop)
      act()
    }
    const onStop = () => {
      endCommand(channel)
      const timer = setTimeout(() => {
        // OpenSSH keeps the channel as long as the command lives; on Windows the command ends with the connection.
        void connection.endIfOnly(slot).then(() => finish(() => resolve('stopped')))
      }, closeGraceMs)
      channel.once('close', () => clearTimeout(timer))
    }
    const take = (chunks: Uint8Array[], onChunk: ((chunk: Uint8Array) => void) | undefined) => (chunk: Buffer) => {
      if (done || stop.why !== undefined) return
      chunks.push(chunk)
      try {
        onChunk?.(chunk)
      } catch (error) {
        endCommand(channel)
        finish(() => reject(error))
      }
    }
    const onClose = () => {
      if (--open > 0) return
      slot.release()
      finish(() => resolve(stop.why !== undefined ? 'stopped' : connection.lost ? 'lost' : { exitCode }))
    }

    channel.on('data', take(output.stdout, options.onStdout))
    channel.stderr.on('data', take(output.stderr, options.onStderr))
    channel.on('exit', (code: number | null) => {
      exitCode = code === null ? null : code >>> 0
    })
    // Both streams are waited for: the channel's own close may come while stderr still holds data.
    channel.once('close', onClose)
    channel.stderr.once('close', onClose)
    // A command may end without reading its input; that is no error of the run.
    channel.on('error', () => undefined)
    if (stop.signal.aborted) onStop()
    else stop.signal.addEventListener('abort', onStop, { once: true })
    channel.end(command.stdin === undefined ? undefined : Buffer.from(command.stdin))
  })
}

/** Asks the command to end (RFC 4254 6.9; only while its input is open), then takes its streams away. */
function endCommand(channel: ClientChannel): void {
  channel.signal('TERM')
  channel.close()
}
