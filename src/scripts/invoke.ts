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
  if (answer.envelope !== undefined) return openEnvelope(name, answer.envelope)
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
    return new TransferError(`the connection was lost while ${name} ran`, {
      code: 'CONNECTION_LOST',
      hint: 'Was the server restarted, or does a device on the way end connections? Calling again is safe.',
    })
  }
  if (result.canceled) return new ScriptError(`${name} was canceled`, { code: 'SCRIPT_CANCELED' })
  const all = `${stderrWords(result.stderr)}\n${noise.join('\n')}`
  const said = firstLines(all, 3)
  const { code, hint } = reasons.find(({ sign }) => sign.test(all)) ?? noPowerShell
  return new ScriptError(
    `${name} gave no result (exit code ${result.exitCode ?? 'none'})${said === '' ? '' : `: ${said.slice(0, 600)}`}`,
    { code, hint },
  )
}

const noPowerShell = {
  code: 'SCRIPT_NO_RESULT',
  hint: 'Is powershell.exe on the server, and allowed for this account? Windows 2003 has none before Windows Management Framework 2.0 (KB968930).',
}

/** What PowerShell and Windows say where a script cannot even begin. The first two are the same in every language. */
const reasons: readonly { sign: RegExp; code: string; hint: string }[] = [
  {
    sign: /InConstrainedLanguage|supported only on core types in this language mode/,
    code: 'POWERSHELL_CONSTRAINED',
    hint: 'AppLocker or WDAC puts PowerShell into Constrained Language mode for this account: let administrators, or C:\\Windows\\System32\\WindowsPowerShell, out of the rule while Exchange is patched.',
  },
  {
    sign: /OutOfMemoryException|paging file is too small|not enough (?:memory|storage|quota)/i,
    code: 'SERVER_EXHAUSTED',
    hint: 'Over WinRM raise winrm set winrm/config/winrs @{MaxMemoryPerShellMB="1024"} on the server. Else the server itself is out of memory.',
  },
  {
    sign: /blocked by group policy|blocked by your system administrator/i,
    code: 'POWERSHELL_BLOCKED',
    hint: 'AppLocker or a software restriction policy forbids powershell.exe for this account: let administrators run it while Exchange is patched.',
  },
]
