import type { ClientChannel } from 'ssh2'
import { KeptOutput } from '../kept-output.js'
import type { RunOptions } from '../transport.js'

/** A started command: what it has written, and how it ends. */
export interface RemoteCommand {
  readonly stdout: KeptOutput
  readonly stderr: KeptOutput
  /** Resolves when the channel is closed and both streams are read; null = the far end gave no exit code. */
  readonly closed: Promise<number | null>
  /** Rejects when a callback of the caller threw, or the command wrote too much. */
  readonly failed: Promise<never>
  /** Asks the command to end, takes its streams away, and hands nothing on any more. */
  end(): void
}

/**
 * Listens to a channel; has to be called in ssh2's callback, because a short command's exit code may come with the
 * same packet. Then sends `stdin` and end-of-file: ssh2 sends no more than the far end's window takes.
 */
export function listenToCommand(
  channel: ClientChannel,
  stdin: Uint8Array | string | undefined,
  { onStdout, onStderr }: RunOptions,
): RemoteCommand {
  const stdout = new KeptOutput()
  const stderr = new KeptOutput()
  let ended = false
  let fail: (error: unknown) => void = () => undefined
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  failed.catch(() => undefined)

  function end(): void {
    if (ended) return
    ended = true
    // RFC 4254 6.9; ssh2 sends it only while the command's input is still open.
    channel.signal('TERM')
    channel.close()
  }

  const take = (kept: KeptOutput, onChunk: ((chunk: Uint8Array) => void) | undefined) => (chunk: Buffer) => {
    if (ended) return
    try {
      kept.add(chunk)
      onChunk?.(chunk)
    } catch (error) {
      end()
      fail(error)
    }
  }

  const closed = new Promise<number | null>(resolve => {
    let exitCode: number | null = null
    let open = 2
    const onClose = () => {
      open--
      if (open === 0) resolve(exitCode)
    }
    channel.on('exit', (code: number | null) => {
      exitCode = code === null ? null : code >>> 0
    })
    // Both are waited for: the channel's own close may come while stderr still holds data.
    channel.once('close', onClose)
    channel.stderr.once('close', onClose)
  })
  channel.on('data', take(stdout, onStdout))
  channel.stderr.on('data', take(stderr, onStderr))
  // A command may end without reading its input; that is no error of the run.
  channel.on('error', () => undefined)
  channel.end(stdin === undefined ? undefined : Buffer.from(stdin))

  return { stdout, stderr, closed, failed, end }
}
