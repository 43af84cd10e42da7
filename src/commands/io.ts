import type { Readable, Writable } from 'node:stream'
import type { ExitCode } from '../errors.js'
import type { Host } from './hosted.js'

/** What a command may touch of the process it runs in. */
export interface CommandIo {
  /** Results. */
  stdout: Writable
  /** Progress, dashboard, errors. */
  stderr: Writable
  stdin: Readable
  env: NodeJS.ProcessEnv
  cwd: string
  /** The program that hosts this one (`--hosted`): it has said what it has to say, and stdin is its hand on the brake. */
  host?: Host
  /** Says what the process will exit with; errors that are thrown win over it. */
  setExitCode(code: ExitCode): void
}
