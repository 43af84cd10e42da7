/**
 * The boundary between exroll and whatever carries bytes to a server. A transport knows no Exchange and no
 * PowerShell. A non-zero exit is a result; not getting there is a `ConnectError` or an `AuthError`.
 */
export interface Transport {
  /** Opens an authenticated session. Throws `ConnectError` or `AuthError`; aborts with the signal's reason. */
  connect(signal?: AbortSignal): Promise<Session>
}

export interface Command {
  /** The line the far end's default shell gets. Never holds data from outside or a secret: those go on stdin. */
  line: string
  /** Sent whole, then end-of-file. */
  stdin?: Uint8Array | string
}

export interface RunOptions {
  /** Milliseconds; no limit when absent. The remote command is ended (channel closed) when it passes. */
  timeoutMs?: number
  signal?: AbortSignal
  /** Bytes as they come, before the command has ended. */
  onStdout?: (chunk: Uint8Array) => void
  onStderr?: (chunk: Uint8Array) => void
}

export interface CommandResult {
  /** As unsigned 32-bit where the far end sends 32 bits; null when there was none (signal, loss, time-out). */
  exitCode: number | null
  stdout: string
  stderr: string
  durationMs: number
  timedOut: boolean
  canceled: boolean
  connectionLost: boolean
}

/** Asks the far end for the SHA-256 (lower-case hex) of one of its files. */
export type RemoteHash = (path: string) => Promise<string>

export interface TransferOptions {
  signal?: AbortSignal
  /** Total bytes so far. */
  onProgress?: (bytes: number) => void
  /** How the far end's hash is found. Without it the file is read back over the session and hashed here. */
  hash?: RemoteHash
}

export interface Transfer {
  bytes: number
  /** Lower-case hex of what both ends hold. */
  sha256: string
}

export interface Session {
  run(command: Command, options?: RunOptions): Promise<CommandResult>
  /**
   * Writes a local file (path) or bytes to `destination` (a Windows path with either slash, or a POSIX path), verified by
   * SHA-256 (code `TRANSFER_DAMAGED` when they differ). The folder must exist. Overwrites.
   */
  upload(source: string | Uint8Array, destination: string, options?: TransferOptions): Promise<Transfer>
  /** Reads `source` into the local file `destination`, byte for byte, verified by SHA-256. */
  download(source: string, destination: string, options?: TransferOptions): Promise<Transfer>
  close(): Promise<void>
  /** The way that was taken, where several could be. */
  readonly via?: string
  /** True once the connection is gone; a closed or lost session is never used again. */
  readonly closed: boolean
}
