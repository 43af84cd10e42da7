import type { RemoteHash, Session, Transport } from '../../src/transport/transport.js'

/** What the conformance suite has to know of a far end: where it differs from others, and what a test can do to it. */
export interface FarEnd {
  /** A transport to it; a test may go through another port, or log on with another password. */
  transport(changes?: { port?: number; password?: string }): Transport
  /** Its name, where that is not 127.0.0.1. */
  host?: string
  port: number
  shell: ShellLines
  /** The path of a file that a test may make. */
  path(name: string): string
  /** Bits of an exit code that arrive: 8 where the system below is POSIX. */
  exitBits: 8 | 32
  /** Milliseconds that a command may take to print its first line where the machine is busy; 1000 when absent. */
  firstLineMs?: number
  /** Whether the `endless` command that printed `marker` still runs. */
  isRunning(marker: string): boolean | Promise<boolean>
  /** Passwords that were checked and refused so far. */
  refusedPasswords?(): number
  /** The next upload arrives damaged. */
  damageNext?(): void
  /** The far end's own hash of a file. */
  hash?(session: Session): RemoteHash
  close(): Promise<void>
}

/** The same wishes in the words of a shell. */
export interface ShellLines {
  /** `out` to stdout, `err` to stderr, exit code 3. */
  apart: string
  exit(code: number): string
  /** Copies stdin to stdout. */
  copy: string
  print(path: string): string
  printToStderr(path: string): string
  /** Prints a marker of its own on one line, then runs until it is ended. */
  endless: string
  /** Prints `begin`, waits a moment, prints `end`. */
  slow: string
  /** Reads nothing, prints `done`. */
  ignoreInput: string
}

export const posixShell: ShellLines = {
  apart: 'echo out; echo err >&2; exit 3',
  exit: code => `exit ${code}`,
  copy: 'cat',
  print: path => `cat '${path.replaceAll("'", `'\\''`)}'`,
  printToStderr: path => `cat '${path.replaceAll("'", `'\\''`)}' >&2`,
  // sshd ends nothing by itself: a command notices when it next writes.
  endless: 'echo $$; while :; do sleep 0.1; echo still here; done',
  slow: 'echo begin; sleep 0.3; echo end',
  ignoreInput: 'echo done',
}

/** cmd.exe, the default shell of Win32-OpenSSH. */
export const cmdShell: ShellLines = {
  apart: 'echo out& echo err 1>&2& exit /b 3',
  // cmd reads a decimal number of 32 bits with a sign.
  exit: code => `exit /b ${code | 0}`,
  copy: 'findstr "^"',
  print: path => `type "${path}"`,
  printToStderr: path => `type "${path}" 1>&2`,
  endless: 'echo endless& ping -n 86400 127.0.0.1 >nul',
  slow: 'echo begin& ping -n 2 127.0.0.1 >nul& echo end',
  ignoreInput: 'echo done',
}
