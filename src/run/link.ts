import { AuthError, ConnectError, ToolError, TransferError } from '../errors.js'
import type { ScriptArguments, ScriptName, ScriptProgress, ScriptResult } from '../scripts/catalog.js'
import { callScript } from '../scripts/invoke.js'
import type { Session, Transport } from '../transport/transport.js'
import { pause } from './pause.js'

export interface CallOptions {
  onProgress?: (progress: ScriptProgress) => void
  timeoutMs?: number
}

export interface Link {
  /** Opens the first session. Not tried again: a refused password must not be sent twice. `via` is the way, where several could be. */
  connect(): Promise<{ readonly via?: string }>
  /** Calls a script; a connection that is lost under it is opened again, because every script may be called again. */
  call<N extends ScriptName>(name: N, args: ScriptArguments<N>, options?: CallOptions): Promise<ScriptResult<N>>
  /** Runs `act` on a session, opening a new one after a loss. */
  use<T>(act: (session: Session) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export interface LinkOptions {
  transport: Transport
  signal: AbortSignal
  /** Milliseconds between tries to reconnect; the last repeats. */
  retryDelaysMs?: number[]
  /** How long a lost server is looked for before the call fails. */
  patienceMs?: number
}

/** A server through whatever connections it takes: drops, restarts and reboots are waited out up to a limit. */
export function createLink({
  transport,
  signal,
  retryDelaysMs = [100, 250, 500, 1000, 2000, 5000],
  patienceMs = 15 * 60_000,
}: LinkOptions): Link {
  let session: Session | undefined

  async function open(): Promise<Session> {
    if (session === undefined || session.closed) session = await transport.connect(signal)
    return session
  }

  async function use<T>(act: (session: Session) => Promise<T>): Promise<T> {
    const giveUpAt = performance.now() + patienceMs
    for (let attempt = 0; ; attempt++) {
      let connected = false
      try {
        const current = await open()
        connected = true
        return await act(current)
      } catch (error) {
        if (connected) await drop(error)
        if (!isPassing(error) || signal.aborted || performance.now() > giveUpAt) throw error
      }
      await pause(retryDelaysMs[Math.min(attempt, retryDelaysMs.length - 1)] ?? 1000, signal)
    }
  }

  async function drop(error: unknown): Promise<void> {
    if (!isLoss(error)) return
    const lost = session
    session = undefined
    await lost?.close().catch(() => undefined)
  }

  async function close(): Promise<void> {
    signal.removeEventListener('abort', closeAtOnce)
    const open = session
    session = undefined
    await open?.close()
  }

  // Whoever left may wait for nothing here, and an open connection would keep the process alive.
  const closeAtOnce = () => {
    close().catch(() => undefined)
  }
  signal.addEventListener('abort', closeAtOnce)

  return {
    connect: open,
    call: (name, args, options = {}) => use(current => callScript(current, name, args, { signal, ...options })),
    use,
    close,
  }
}

/**
 * SHELL_DEAD: the hosted PowerShell ended while the session opened; the next connection starts another. HTTP_STATUS and the SERVER ones:
 * something listens already, or still, while WinRM starts, shuts down or is overloaded (HTTP 503).
 */
const passingCodes = [
  'CONNECT_FAILED',
  'CONNECT_TIMEOUT',
  'SHELL_DEAD',
  'HTTP_STATUS',
  'SERVER_BUSY',
  'SERVER_EXHAUSTED',
  'SHELL_GONE',
  'WINRM_UNREACHABLE',
]

/** The connection is gone, or the server answers in a way that says it does nothing more, or nothing now, on this one. */
const lossCodes = ['CONNECTION_LOST', 'HTTP_STATUS', 'SERVER_BUSY', 'SERVER_EXHAUSTED']

function isLoss(error: unknown): boolean {
  return error instanceof TransferError && lossCodes.includes(error.code)
}

/** Worth another try: the way was there a moment ago. A refused logon or a changed host key never is. */
function isPassing(error: unknown): boolean {
  if (error instanceof AuthError) return false
  if (error instanceof ConnectError) return passingCodes.includes(error.code)
  return isLoss(error) && error instanceof ToolError
}
