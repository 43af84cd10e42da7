import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { callLine } from '../../src/scripts/bootstrap.js'
import { loadFile } from '../../src/scripts/load.js'
import { missingHostReason } from '../powershell-host/host.js'
import { buildWindowsPrograms, windowsPrograms } from './build.js'

/** Debian keeps wine64 out of the PATH. */
const program = ['/usr/lib/wine/wine64', '/usr/bin/wine64'].find(path => existsSync(path))
const server = ['/usr/lib/wine/wineserver64', '/usr/bin/wineserver'].find(path => existsSync(path))

/** Why these tests cannot run here; empty when they can. Builds what they need. */
export function whyNoWine(): string {
  if (program === undefined || server === undefined) return 'wine64 is not installed'
  if (missingHostReason() !== '') return missingHostReason()
  return buildWindowsPrograms() ?? ''
}

export interface Ran {
  exitCode: number | null
  stdout: string
  stderr: string
}

/** A Windows of its own under wine: registry, service manager, files. Gone with `close`. */
export class WinePrefix {
  readonly folder: string
  #idle: ChildProcess | undefined

  private constructor(folder: string) {
    this.folder = folder
  }

  static async make(): Promise<WinePrefix> {
    const prefix = new WinePrefix(mkdtempSync(join(tmpdir(), 'exroll-wine-')))
    prefix.#quietly(['wineboot', '-i'])
    prefix.#quietly(['winecfg', '-v', 'win10'])
    const system = join(prefix.folder, 'drive_c', 'windows', 'system32')
    for (const name of ['sc', 'icacls', 'nltest'] as const) cpSync(windowsPrograms[name], join(system, `${name}.exe`))
    cpSync(windowsPrograms.service, join(prefix.folder, 'drive_c', 'service.exe'))
    prefix.#server('-w')
    await prefix.boot()
    return prefix
  }

  /** Starts Windows: until `shutDown` its services run on between two programs. */
  async boot(): Promise<void> {
    this.#idle = spawn(program ?? '', ['C:\\service.exe', 'idle', 'session'], {
      env: this.#environment(),
      stdio: 'ignore',
    })
    await pause(1000)
    // What the first program of a session starts beside itself would hold that program's pipes open for ever.
    this.#quietly(['schtasks.exe', '/Query'])
  }

  async shutDown(): Promise<void> {
    const idle = this.#idle
    const ended =
      idle === undefined || idle.exitCode !== null ? undefined : new Promise(resolve => idle.once('exit', resolve))
    this.#server('-k')
    await ended
    this.#server('-w')
  }

  async close(): Promise<void> {
    await this.shutDown()
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }

  /** Path below drive C: on this machine. */
  path(...parts: string[]): string {
    return join(this.folder, 'drive_c', ...parts)
  }

  /** Starts a Windows program whose stdin stays open. */
  start(words: string[]): ChildProcess {
    return spawn(program ?? '', words, { env: this.#environment(), stdio: ['pipe', 'pipe', 'ignore'] })
  }

  /** Runs a Windows program to its end. Its exit code has 8 bits here. */
  run(words: string[], stdin = ''): Promise<Ran> {
    return new Promise((resolve, reject) => {
      const child = execFile(
        program ?? '',
        words,
        { env: this.#environment(), timeout: 100_000, killSignal: 'SIGKILL', maxBuffer: 16 * 1024 ** 2 },
        (error, stdout, stderr) => {
          if (error !== null && (error.killed === true || typeof error.code === 'string')) reject(error)
          else resolve({ exitCode: child.exitCode, stdout, stderr })
        },
      )
      child.stdin?.on('error', () => undefined)
      child.stdin?.end(stdin)
    })
  }

  /**
   * Runs PowerShell with the real Windows calls, as a call runs on a server: the bootstrap on the command line, the script on stdin.
   * `body` returns values with `Out 'name' { ... }`; what a block throws comes back as `{ error }`. `Wait-Running`
   * waits for a service. `mayDie`: wine's COM may take .NET down while the process ends; what it said before that counts.
   */
  async powershell(
    body: string,
    files: string[] = ['shared/WindowsCalls.ps1'],
    { mayDie = false } = {},
  ): Promise<Record<string, unknown>> {
    const { stdout, stderr, exitCode } = await this.run(
      [windowsPrograms.powershell, ...callLine.split(' ').slice(1)],
      callOf(files, body),
    )
    const values: Record<string, unknown> = {}
    for (const line of stdout.split(/\r?\n/).filter(text => text.startsWith('{'))) {
      const { name, value, error, code } = JSON.parse(line)
      if (name === undefined) throw new Error(`PowerShell under wine: ${line} ${code ?? ''}`)
      values[name] = error === null ? value : { error }
    }
    if (exitCode !== 0 && !mayDie) throw new Error(`PowerShell under wine ended with ${exitCode}: ${stdout}${stderr}`)
    return values
  }

  /** `-k` ends every program, `-w` waits until the last has ended. */
  #server(word: '-k' | '-w'): void {
    spawnSync(server ?? '', [word], { env: this.#environment(), stdio: 'ignore', timeout: 20_000 })
  }

  #quietly(words: string[]): void {
    spawnSync(program ?? '', words, { env: this.#environment(), stdio: 'ignore', timeout: 100_000 })
  }

  #environment(): NodeJS.ProcessEnv {
    const { DISPLAY: _, ...rest } = process.env
    return {
      ...rest,
      WINEPREFIX: this.folder,
      WINEARCH: 'win64',
      WINEDEBUG: '-all',
      // Not mscoree: .NET needs it. The last two: ours instead of wine's own.
      WINEDLLOVERRIDES: 'mshtml=;winemenubuilder.exe=d;sc.exe=n;icacls.exe=n',
      // Under wine 8 the collector of .NET 10 dies now and then when it finalizes dynamic methods; with room it does not run.
      DOTNET_GCgen0size: '0x10000000',
    }
  }
}

function callOf(files: string[], body: string): string {
  const parts = files.map(file => withFault(loadFile(file).text))
  const script = `$ErrorActionPreference = 'Stop'\n${parts.join('\n')}\n${out}\n${body}`
  const bytes = Buffer.from(script, 'utf8')
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return `exroll/1 Test\nsha256 ${sha256}\nscript ${bytes.toString('base64')}\nend\n`
}

/** The fault that test/mutation asked for; without one the text as it is. */
function withFault(text: string): string {
  const { from, to } = JSON.parse(process.env.EXROLL_SCRIPT_MUTANT ?? '{}')
  if (from === undefined) return text
  if (!text.includes(from)) throw new Error(`no script has this line any more: ${from}`)
  return text.replace(from, () => to)
}

const out = `
function Out([string]$Name, [scriptblock]$Body) {
  $value = $null
  $problem = $null
  try { $value = & $Body } catch { $problem = $_.Exception.GetBaseException().Message }
  Write-JsonLine (New-Record 'name' $Name 'value' $value 'error' $problem)
}
function Wait-Running([string]$Name) {
  for ($look = 0; $look -lt 150 -and (Get-ServiceState $Name) -cne 'Running'; $look++) { Wait-Moment 200 }
}`
