import type { ScriptArguments, ScriptName, ScriptProgress, ScriptResult } from '../../scripts/catalog.js'
import type { LabServer } from '../world/lab-server.js'

/** What a call works with on its server. */
export interface ScriptCall<N extends ScriptName> {
  server: LabServer
  args: ScriptArguments<N>
  /** Aborted when the session that called is gone. What the call waits for ends with it. */
  signal: AbortSignal
  /** Sends one progress line. */
  report(progress: ScriptProgress): void
}

/** One script as the model engine plays it. Throws `ScriptProblem` for what the script would refuse. */
export type ScriptAnswer<N extends ScriptName> = (call: ScriptCall<N>) => ScriptResult<N> | Promise<ScriptResult<N>>
