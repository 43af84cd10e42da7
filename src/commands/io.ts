import type { Readable, Writable } from 'node:stream'
import type { ExitCode } from '../errors.js'

/** What a command may touch of the process it runs in. */
export interface CommandIo {
  /** Results. */
  stdout: Writable
  /** Progress, dashboard, errors. */
  stderr: Writable
  stdin: Readable
  env: NodeJS.ProcessEnv
  cwd: string
  /** Says what the process will exit with; errors that are thrown win over it. */
  setExitCode(code: ExitCode): void
}
