import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../journeys/exroll.js'
import { powershellHost } from '../powershell-host/host.js'

export const moduleFile = join(root, 'ps-scripts', 'ExRoll', 'ExRoll.psd1')

/** A PowerShell to run the module in. */
export interface Shell {
  name: string
  program: string
  words: string[]
  /** It has the modules that come with PowerShell: help, jobs, formatting. */
  whole: boolean
}

/** The PowerShell of this machine (`EXROLL_PWSH`, or `pwsh` on PATH) and the tests' engine, as far as they are there. */
export function shells(): Shell[] {
  const found: Shell[] = []
  const pwsh = process.env.EXROLL_PWSH ?? 'pwsh'
  if (spawnSync(pwsh, ['-NoProfile', '-Command', 'exit 0']).status === 0) {
    found.push({ name: 'pwsh', program: pwsh, words: ['-NoProfile', '-NonInteractive'], whole: true })
  }
  const host = powershellHost()
  if (host !== undefined) found.push({ name: "the tests' engine", program: host, words: [], whole: false })
  return found
}

export interface Answer {
  exitCode: number | null
  stdout: string
  stderr: string
}

const emit = `
function ConvertTo-TestJson($Value) {
  $ErrorActionPreference = 'Stop'
  if ($null -eq $Value) { return 'null' }
  if ($Value -is [bool]) { return $Value.ToString().ToLower() }
  if ($Value -is [string] -or $Value -is [char] -or $Value -is [enum]) {
    $text = [string]$Value
    foreach ($char in @([char]92, [char]34)) { $text = $text.Replace([string]$char, [string][char]92 + $char) }
    return '"' + $text.Replace([string][char]13, '').Replace([string][char]10, [string][char]92 + 'n').Replace([string][char]9, ' ') + '"'
  }
  if ($Value -is [ValueType]) { return [string]::Format([Globalization.CultureInfo]::InvariantCulture, '{0}', $Value) }
  if ($Value -is [Collections.IDictionary]) {
    return '{' + (@($Value.Keys | ForEach-Object { (ConvertTo-TestJson ([string]$_)) + ':' + (ConvertTo-TestJson $Value[$_]) }) -join ',') + '}'
  }
  if ($Value -is [Collections.IEnumerable]) { return '[' + (@($Value | ForEach-Object { ConvertTo-TestJson $_ }) -join ',') + ']' }
  $members = @($Value.PSObject.Properties | Where-Object { $_.MemberType -eq 'NoteProperty' })
  return '{' + (@($members | ForEach-Object { (ConvertTo-TestJson $_.Name) + ':' + (ConvertTo-TestJson $_.Value) }) -join ',') + '}'
}
function Write-Test($Value) { [Console]::Out.WriteLine('@' + (ConvertTo-TestJson $Value)) }
`

export interface InShell {
  cwd?: string
  env?: NodeJS.ProcessEnv
  /** A module to load by its name or file; the clone's own when absent. */
  module?: string
}

export interface StartedShell {
  pid: number
  answer<T>(): Promise<Answer & { told: T[] }>
}

/** Starts a script in a shell with the module loaded. */
export function startShell(
  shell: Shell,
  script: string,
  { cwd = root, env = {}, module = moduleFile }: InShell = {},
): StartedShell {
  const text = `$ErrorActionPreference = 'Continue'\n${emit}\nImport-Module '${module}'\n${script}\n`
  const encoded = Buffer.from(text, 'utf16le').toString('base64')
  const child = spawn(shell.program, [...shell.words, '-EncodedCommand', encoded], {
    cwd,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 100_000,
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', piece => {
    stdout += piece
  })
  child.stderr.setEncoding('utf8').on('data', piece => {
    stderr += piece
  })
  const ended = new Promise<number | null>(done => child.on('close', code => done(code)))
  return {
    pid: child.pid ?? 0,
    async answer<T>() {
      const exitCode = await ended
      const told = stdout
        .split('\n')
        .filter(line => line.startsWith('@'))
        .map(line => JSON.parse(line.slice(1)) as T)
      return { exitCode, stdout, stderr, told }
    },
  }
}

/** Runs a script in a shell with the module loaded; what it gives to `Write-Test` comes back as JSON values. */
export function inShell<T>(shell: Shell, script: string, options: InShell = {}): Promise<Answer & { told: T[] }> {
  return startShell(shell, script, options).answer<T>()
}
