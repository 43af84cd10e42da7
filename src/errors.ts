/** Exit codes of the command line (product.md, "Steps, outcomes, exit codes"). */
export const exitCodes = {
  ok: 0,
  bug: 1,
  failed: 2,
  usage: 3,
  unreachable: 4,
  stopped: 5,
  stuck: 6,
  left: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** What an event, a report or the terminal shows of an error. Never holds a secret. */
export interface ErrorInfo {
  /** Stable, upper case: `CONNECT_FAILED`. */
  code: string
  /** What happened and where. */
  message: string
  /** What to try next. */
  hint?: string
}

export interface ToolErrorOptions {
  code: string
  hint?: string
  cause?: unknown
  exitCode?: ExitCode
}

/** Base of every error exroll throws on purpose: a stable code, a hint, and the exit code it leads to. */
export class ToolError extends Error {
  readonly code: string
  readonly hint: string | undefined
  readonly exitCode: ExitCode

  constructor(message: string, options: ToolErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = options.code
    this.hint = options.hint
    this.exitCode = options.exitCode ?? exitCodes.bug
  }

  toInfo(): ErrorInfo {
    return this.hint === undefined
      ? { code: this.code, message: this.message }
      : { code: this.code, message: this.message, hint: this.hint }
  }
}

/** Wrong command line, or something asked for that this version does not have: exit 3, nothing was contacted. */
export class UsageError extends ToolError {
  constructor(message: string, options: Omit<ToolErrorOptions, 'exitCode'>) {
    super(message, { ...options, exitCode: exitCodes.usage })
  }
}

/** No way to the server: refused, unknown host, host key mismatch, jump host, time-out while connecting. */
export class ConnectError extends ToolError {
  constructor(message: string, options: Omit<ToolErrorOptions, 'exitCode'>) {
    super(message, { ...options, exitCode: exitCodes.unreachable })
  }
}

/** The server said no to the credential. Never retried: a second try can lock the account. */
export class AuthError extends ToolError {
  constructor(message: string, options: Omit<ToolErrorOptions, 'exitCode'>) {
    super(message, { ...options, exitCode: exitCodes.unreachable })
  }
}

/** The session was there and is gone, or a transfer was damaged: a later try may work. */
export class TransferError extends ToolError {
  constructor(message: string, options: Omit<ToolErrorOptions, 'exitCode'>) {
    super(message, { ...options, exitCode: exitCodes.failed })
  }
}

/** A script on a server answered with an error, with no envelope, or with one of another contract. */
export class ScriptError extends ToolError {
  constructor(message: string, options: Omit<ToolErrorOptions, 'exitCode'>) {
    super(message, { ...options, exitCode: exitCodes.failed })
  }
}

/** What `ErrorInfo` to show for anything that was thrown. */
export function errorInfo(error: unknown): ErrorInfo {
  if (error instanceof ToolError) return error.toInfo()
  return { code: 'BUG', message: error instanceof Error ? error.message : String(error) }
}
