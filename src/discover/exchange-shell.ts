import { UsageError } from '../errors.js'
import { askPowerShell } from '../powershell/ask.js'
import { findPowerShell, windowsPowerShell } from '../powershell/find.js'
import { loadFile } from '../scripts/load.js'

export interface ExchangeShellOptions {
  env: NodeJS.ProcessEnv
  /** Full name of an Exchange server of 2010 or newer that is asked over remote PowerShell; else the tools of this machine are. */
  remote?: string
  platform?: NodeJS.Platform
  /** Milliseconds. An organisation with hundreds of servers is told in seconds; a directory out of reach takes minutes to fail. */
  timeoutMs?: number
}

/**
 * What `Get-ExchangeInventory.ps1` prints in the operator's own PowerShell, under the operator's logon. Throws `UsageError`: PWSH_MISSING, EXCHANGE_SHELL when
 * it cannot be started or ends in an error, or EXCHANGE_TIMEOUT.
 */
export async function askExchangeShell({
  env,
  remote,
  platform = process.platform,
  timeoutMs = 300_000,
}: ExchangeShellOptions): Promise<string> {
  const program = exchangeShell(env, platform)
  const script = loadFile('operator/Get-ExchangeInventory.ps1').text
  const answer = await askPowerShell({ program, env, script, timeoutMs, words: remote === undefined ? [] : [remote] })
  if ('output' in answer) return answer.output
  throw 'late' in answer ? timedOut(timeoutMs) : shellFailed(program, answer.failed, answer.cause)
}

/** Windows PowerShell where there is one: the snap-ins of Exchange do not load into PowerShell 7. `EXROLL_PWSH` wins. */
function exchangeShell(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const first = platform === 'win32' ? [windowsPowerShell(env)] : []
  const found = findPowerShell(env, { platform, first })
  if ('program' in found) return found.program
  throw new UsageError(`There is no PowerShell on this machine to ask: ${found.missing}.`, {
    code: 'PWSH_MISSING',
    hint: 'Run exroll on a machine with PowerShell and the Exchange management tools, or ask the directory: --ldap ldaps://DC',
  })
}

function shellFailed(executable: string, what: string, cause: unknown): UsageError {
  return new UsageError(`${executable} did not tell Exchange's servers: ${what}.`, {
    code: 'EXCHANGE_SHELL',
    hint: 'Start it by hand and run Get-ExchangeServer there. Policies of this machine may keep scripts from running.',
    cause,
  })
}

function timedOut(ms: number): UsageError {
  return new UsageError(`The PowerShell told nothing of Exchange within ${Math.round(ms / 1000)} s.`, {
    code: 'EXCHANGE_TIMEOUT',
    hint: 'Run Get-ExchangeServer by hand: a directory or domain controller out of reach makes it wait.',
  })
}
