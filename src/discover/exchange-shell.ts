import { spawn } from 'node:child_process'
import { accessSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../errors.js'
import { loadFile } from '../scripts/load.js'
import { findPowerShell } from '../transport/powershell/executable.js'

export interface ExchangeShellOptions {
  env: NodeJS.ProcessEnv
  platform?: NodeJS.Platform
  /** Milliseconds. An organisation with hundreds of servers is told in seconds; a directory out of reach takes minutes to fail. */
  timeoutMs?: number
}

/** Far more than 10000 servers print. */
const mostBytes = 32 * 2 ** 20

/** A fixed text, so that nothing of the script has to fit on a command line or be quoted there. */
const bootstrap =
  '& ([ScriptBlock]::Create([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String([Console]::In.ReadToEnd()))))'

/**
 * What `Get-ExchangeInventory.ps1` prints in the operator's own PowerShell, under the operator's logon. Throws `UsageError`: PWSH_MISSING, EXCHANGE_SHELL when
 * it cannot be started or ends in an error, or EXCHANGE_TIMEOUT.
 */
export function askExchangeShell({
  env,
  platform = process.platform,
  timeoutMs = 300_000,
}: ExchangeShellOptions): Promise<string> {
  const executable = exchangeShell(env, platform)
  const encoded = Buffer.from(bootstrap, 'utf16le').toString('base64')
  const words = ['-NoLogo', '-NoProfile', '-NonInteractive', '-EncodedCommand', encoded]
  const script = Buffer.from(loadFile('operator/Get-ExchangeInventory.ps1').text, 'utf8').toString('base64')
  return new Promise((resolve, reject) => {
    const child = spawn(executable, words, { env: { ...env, TERM: 'dumb', NO_COLOR: '1' }, windowsHide: true })
    const said: Buffer[] = []
    let bytes = 0
    let complaint = ''
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(timedOut(timeoutMs))
    }, timeoutMs)
    const fail = (what: string, cause?: unknown) => {
      clearTimeout(timer)
      child.kill('SIGKILL')
      reject(shellFailed(executable, what, cause))
    }
    child.on('error', cause => fail(cause.message, cause))
    child.stdout.on('data', (piece: Buffer) => {
      bytes += piece.length
      if (bytes > mostBytes) fail('it printed too much')
      else said.push(piece)
    })
    child.stderr.on('data', piece => {
      complaint = (complaint + String(piece)).slice(-2000)
    })
    child.on('close', code => {
      clearTimeout(timer)
      if (code === 0) resolve(Buffer.concat(said).toString('utf8'))
      else fail(`it ended with ${code}${complaint.trim() === '' ? '' : `: ${complaint.trim().slice(0, 300)}`}`)
    })
    // A shell that is gone before it has read is told by its end.
    child.stdin.on('error', () => undefined)
    child.stdin.end(script)
  })
}

/** Windows PowerShell where there is one: the snap-ins of Exchange do not load into PowerShell 7. `EXROLL_PWSH` wins. */
function exchangeShell(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const windows = join(env.SystemRoot ?? 'C:\\Windows', 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe')
  if (platform === 'win32' && (env.EXROLL_PWSH ?? '') === '' && isThere(windows)) return windows
  try {
    return findPowerShell(env, platform)
  } catch (cause) {
    throw new UsageError((cause as Error).message, {
      code: 'PWSH_MISSING',
      hint: 'Run exroll on a machine with PowerShell and the Exchange management tools, or ask the directory: --ldap ldaps://DC',
      cause,
    })
  }
}

function isThere(file: string): boolean {
  try {
    accessSync(file)
    return true
  } catch {
    return false
  }
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
