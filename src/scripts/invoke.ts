import { ScriptError, TransferError } from '../errors.js'
import { firstLines, stderrWords } from '../powershell/clixml.js'
import type { CommandResult, Session } from '../transport/transport.js'
import { createAnswerReader, openEnvelope } from './answer.js'
import { encodeCall } from './call.js'
import type { ScriptArguments, ScriptName, ScriptProgress, ScriptResult } from './catalog.js'

export interface CallScriptOptions {
  signal?: AbortSignal
  /** Milliseconds for the whole call; no limit when absent. */
  timeoutMs?: number
  /** Called for each progress line as it arrives. */
  onProgress?: (progress: ScriptProgress) => void
}

/**
 * Runs one script on a server and returns its result. Throws `ScriptError` with the script's own code, or `SCRIPT_NO_RESULT`,
 * `SCRIPT_CONTRACT`, `SCRIPT_TIMEOUT`; `TransferError` `CONNECTION_LOST` when the connection went under it; the signal's
 * reason when aborted. An answer that arrived whole counts, whatever happened to the connection after it.
 */
export async function callScript<N extends ScriptName>(
  session: Session,
  name: N,
  args: ScriptArguments<N>,
  { signal, timeoutMs, onProgress = () => {} }: CallScriptOptions = {},
): Promise<ScriptResult<N>> {
  const { line, stdin } = encodeCall(name, args)
  const answer = createAnswerReader(onProgress)
  const result = await session.run(
    { line, stdin },
    {
      onStdout: chunk => answer.take(chunk),
      ...(signal === undefined ? {} : { signal }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    },
  )
  answer.end()
  if (answer.envelope !== undefined) return openEnvelope(name, answer.envelope) as ScriptResult<N>
  if (result.canceled && signal?.aborted === true) throw signal.reason
  throw noAnswer(name, result, answer.noise, timeoutMs)
}

function noAnswer(name: string, result: CommandResult, noise: string[], timeoutMs: number | undefined) {
  if (result.timedOut) {
    return new ScriptError(`${name} did not answer within ${Math.round((timeoutMs ?? 0) / 1000)} s`, {
      code: 'SCRIPT_TIMEOUT',
      hint: 'Look at the load of the server. Calling again is safe.',
    })
  }
  if (result.connectionLost) {
    return new TransferError(`the connection was lost while ${name} ran`, { code: 'CONNECTION_LOST' })
  }
  if (result.canceled) return new ScriptError(`${name} was canceled`, { code: 'SCRIPT_CANCELED' })
  const said = firstLines(`${stderrWords(result.stderr)}\n${noise.join('\n')}`, 3)
  return new ScriptError(
    `${name} gave no result (exit code ${result.exitCode ?? 'none'})${said === '' ? '' : `: ${said.slice(0, 600)}`}`,
    {
      code: 'SCRIPT_NO_RESULT',
      hint: 'Is powershell.exe on the server, and allowed for this account? Windows 2003 has none before Windows Management Framework 2.0 (KB968930).',
    },
  )
}
