import { type ChildProcess, spawn } from 'node:child_process'
import { packageFile } from '../../package-file.js'
import { callLine } from '../../scripts/bootstrap.js'
import { encodeCall } from '../../scripts/call.js'
import type { ScriptArguments, ScriptName } from '../../scripts/catalog.js'
import {
  type LoadedScript,
  type LoadOptions,
  loadCopyScript,
  loadGuardScript,
  loadJobScript,
} from '../../scripts/load.js'
import type { ExecChannel } from '../model.js'
import { problemLine, readShippedCall, textOf } from '../model-engine/shipped-call.js'
import type { LabServer } from '../world/lab-server.js'
import type { LabProcess } from '../world/process-table.js'
import { systemSid } from '../world/windows-places.js'
import type { Caller } from './world-calls.js'
import { WorldDoor } from './world-door.js'

/** Stands in for ps-scripts/shared/WindowsCalls.ps1: asks the simulated server. */
const windowsCalls = packageFile('ps-scripts/lab/WindowsCalls.ps1')

/** Real time after which a PowerShell that has asked nothing yet counts as one that hangs. */
const longestStartMs = 60_000

export interface EngineOptions {
  /** Path of pwsh, or of a host that takes the same options. */
  program: string
  /** Folder that is the server's machine: `C:\x` is `C:/x` below it. */
  rootOf(server: LabServer): string
}

interface Streams {
  stdin: string
  stdout(data: Uint8Array): void
  stderr(data: Uint8Array): void
}

/**
 * Runs the very ps-scripts in a real PowerShell against a simulated server. Only the one file with Windows calls is another: it asks the
 * lab. Everything else is as on a server: the same command line, the call on stdin, tasks that run detached from the session.
 */
export class PowerShellEngine {
  readonly #options: EngineOptions
  readonly #door: WorldDoor
  readonly #loading: LoadOptions = { windowsCalls }
  readonly #running = new Set<Promise<number>>()

  private constructor(options: EngineOptions, door: WorldDoor) {
    this.#options = options
    this.#door = door
  }

  static async start(options: EngineOptions): Promise<PowerShellEngine> {
    return new PowerShellEngine(options, await WorldDoor.open())
  }

  /** Waits for every PowerShell; whoever closes has ended their processes. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#running)
    await this.#door.close()
  }

  /** Answers one script call on a channel, as `answerCall` of the model engine does. Returns PowerShell's exit code. */
  async answerCall(server: LabServer, channel: ExecChannel): Promise<number> {
    let stdin: string
    try {
      const call = readShippedCall(await textOf(channel.stdin))
      stdin = this.encode(call.name, call.args)
    } catch (error) {
      channel.stdout(problemLine(error))
      return 1
    }
    const logOff = server.hives.logOn(server.account)
    const session = server.processes.start('powershell.exe', (signal, self) =>
      this.#run(server, callLine.split(' ').slice(1), {
        caller: this.#session(server, self),
        signal: AbortSignal.any([signal, channel.signal]),
        stdin,
        stdout: data => channel.stdout(data),
        stderr: data => channel.stderr(data),
      }),
    )
    return (await session.ended.finally(logOff)) ?? 1
  }

  /**
   * Lets PowerShells in that somebody else starts on this server (a real sshd): what their environment variable `EXROLL_LAB_WORLD` has to
   * be. They run in the folder `rootOf(server)`, as the logon of exroll's account, until `end`.
   */
  admit(server: LabServer): { environment: string; end(): void } {
    const session = server.processes.start('powershell.exe', signal => endOf(signal))
    const logOff = server.hives.logOn(server.account)
    const { environment, dismiss } = this.#door.admit(this.#session(server, session))
    return {
      environment,
      end() {
        dismiss()
        logOff()
        session.kill()
      },
    }
  }

  /** The call with the lab's Windows calls in its scripts, as it goes over stdin. */
  encode<N extends ScriptName>(name: N, args: ScriptArguments<N>): string {
    const known: Record<string, unknown> = { ...args }
    this.#exchange(known, 'Job', loadJobScript(), loadJobScript(this.#loading))
    this.#exchange(known, 'Guard', loadGuardScript(), loadGuardScript(this.#loading))
    this.#exchange(known, 'Copy', loadCopyScript(), loadCopyScript(this.#loading))
    return encodeCall(name, known as ScriptArguments<N>, this.#loading).stdin
  }

  /** Scripts of tasks travel as arguments. A text that is not the shipped one stays what it is. */
  #exchange(args: Record<string, unknown>, what: string, shipped: LoadedScript, own: LoadedScript): void {
    if (args[`${what}Script`] !== shipped.text || args[`${what}Sha256`] !== shipped.sha256) return
    args[`${what}Script`] = own.text
    args[`${what}Sha256`] = own.sha256
  }

  /** What runs in a session of exroll's account. */
  #session(server: LabServer, process: LabProcess): Caller {
    const { sid, elevated } = server.account
    return { server, process, sid, elevated, startPowerShell: this.#tasksOf(server) }
  }

  #tasksOf(server: LabServer): Caller['startPowerShell'] {
    const nobody = (): void => undefined
    const streams = { stdin: '', stdout: nobody, stderr: nobody }
    const startPowerShell: Caller['startPowerShell'] = (words, process, sid) => {
      const administrator = server.accounts.find(account => account.sid === sid)?.administrator ?? false
      const caller = { server, process, sid, elevated: sid === systemSid || administrator, startPowerShell }
      return this.#run(server, words, { caller, signal: process.signal, ...streams })
    }
    return startPowerShell
  }

  async #run(
    server: LabServer,
    words: string[],
    {
      caller,
      signal,
      stdin,
      stdout,
      stderr,
    }: Streams & {
      caller: Caller
      signal: AbortSignal
    },
  ): Promise<number> {
    // How long this machine takes to start a PowerShell is no time of the server's.
    const started = caller.server.clock.hold()
    const atLatest = setTimeout(started, longestStartMs)
    const { environment, dismiss } = this.#door.admit(caller, started)
    const child = spawn(this.#options.program, words, {
      cwd: this.#options.rootOf(server),
      env: { ...process.env, EXROLL_LAB_WORLD: environment, POWERSHELL_TELEMETRY_OPTOUT: '1' },
      stdio: 'pipe',
      // A group of its own: what .NET installs as a tool is a small program that starts the PowerShell, and both have to end.
      detached: groups,
    })
    const end = (): void => endWhole(child)
    signal.addEventListener('abort', end)
    try {
      if (signal.aborted) end()
      child.stdout.on('data', stdout)
      child.stderr.on('data', stderr)
      // It may end before it has read everything.
      child.stdin.on('error', () => undefined)
      child.stdin.end(stdin)
      const ended = new Promise<number>((resolve, reject) => {
        child.on('error', reject)
        child.on('close', code => resolve(code ?? 1))
      })
      this.#running.add(ended)
      return await ended.finally(() => this.#running.delete(ended))
    } finally {
      clearTimeout(atLatest)
      started()
      signal.removeEventListener('abort', end)
      dismiss()
    }
  }
}

const groups = process.platform !== 'win32'

function endWhole(child: ChildProcess): void {
  if (!groups || child.pid === undefined) {
    child.kill('SIGKILL')
    return
  }
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    // It has ended already.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

function endOf(signal: AbortSignal): Promise<number> {
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(0)))
}
