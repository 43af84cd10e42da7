import { ConnectError, ToolError } from '../../errors.js'
import type { Slot } from '../slots.js'
import { type StopWatch, watchStop } from '../stop-watch.js'
import type { Command, CommandResult, RunOptions } from '../transport.js'
import type { Connection } from './connection.js'
import { listenToCommand, type RemoteCommand } from './remote-command.js'

/** How long a server may take to close the channel of a command that was ended, in milliseconds. */
const closeGraceMs = 1000

/**
 * Runs one command on its own channel. Loss, time-out and abort are results; throws `ConnectError` when the server
 * opens no channel (`CHANNEL_REFUSED`) or does not run commands (`EXEC_REFUSED`), what `KeptOutput` throws, and what a callback of
 * the caller threw.
 */
export async function runCommand(
  connection: Connection,
  command: Command,
  options: RunOptions,
): Promise<CommandResult> {
  const startedAt = performance.now()
  const stop = watchStop(options)
  try {
    const { end, remote } = await startAndWait(connection, command, options, stop)
    return {
      exitCode: typeof end === 'object' ? end.exitCode : null,
      stdout: remote?.stdout.text() ?? '',
      stderr: remote?.stderr.text() ?? '',
      durationMs: performance.now() - startedAt,
      timedOut: end === 'timeout',
      canceled: end === 'abort',
      connectionLost: end === 'lost',
    }
  } finally {
    stop.dispose()
  }
}

type End = { exitCode: number | null } | 'lost' | 'timeout' | 'abort'

async function startAndWait(
  connection: Connection,
  command: Command,
  options: RunOptions,
  stop: StopWatch,
): Promise<{ end: End; remote?: RemoteCommand }> {
  if (connection.lost) return { end: 'lost' }
  if (stop.why !== undefined) return { end: stop.why }
  let started = false
  const opening = connection.openChannel<RemoteCommand>(
    done =>
      connection.client.exec(command.line, (error, channel) => {
        if (error !== undefined) return done(error)
        started = true
        done(undefined, listenToCommand(channel, command.stdin, options))
      }),
    stop.signal,
  )
  // Its first output may have been the reason to stop: then it is there, and what it wrote belongs to the result.
  const stopped = stop.stopped.then(async why => (started ? await opening : why))
  const opened = await Promise.race([opening, stopped]).catch(error => {
    if (stop.why !== undefined) return stop.why
    if (connection.lost) return 'lost' as const
    throw error instanceof ToolError ? error : execRefused(connection.where, error)
  })
  if (typeof opened === 'string') {
    if (opened !== 'lost') endWhenOpen(opening)
    return { end: opened }
  }
  return { end: await wait(connection, opened.channel, opened.slot, stop), remote: opened.channel }
}

async function wait(connection: Connection, remote: RemoteCommand, slot: Slot, stop: StopWatch): Promise<End> {
  const closed = remote.closed.then(exitCode => {
    slot.release()
    return { exitCode }
  })
  const end = await Promise.race([closed, remote.failed, stop.stopped])
  if (typeof end === 'object') return stop.why ?? (connection.lost ? 'lost' : end)
  remote.end()
  if (!(await settlesWithin(closed, closeGraceMs))) {
    // OpenSSH keeps the channel as long as the command lives; on Windows the command ends with the connection.
    await connection.endIfOnly(slot)
  }
  return end
}

/** Stopped while the channel was being opened: the command is ended as soon as it is there. */
function endWhenOpen(opening: Promise<{ channel: RemoteCommand; slot: Slot }>): void {
  opening.then(
    ({ channel, slot }) => {
      void channel.closed.then(() => slot.release())
      channel.end()
    },
    () => undefined,
  )
}

async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>(resolve => {
    timer = setTimeout(() => resolve(false), ms)
  })
  const settled = await Promise.race([promise.then(() => true), late])
  clearTimeout(timer)
  return settled
}

function execRefused(where: string, cause: unknown): ConnectError {
  return new ConnectError(`${where} does not run commands.`, {
    code: 'EXEC_REFUSED',
    hint: 'Its SSH server refused the exec request: check ForceCommand and the default shell of the account.',
    cause,
  })
}
