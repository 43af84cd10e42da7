import type { ExecChannel, Host } from '../model.js'
import { builtins, type CommandContext, type CommandState, startVariables, windowsVersion } from './cmd-builtins.js'
import { parseLine, type Redirect, type SimpleCommand } from './cmd-syntax.js'
import { homeFolder, windowsPath } from './windows-path.js'

/** cmd.exe's code for a command it does not know, and what `cmd /c` makes of it. */
const notRecognized = 9009
const notRecognizedExit = 1

/** How deep `cmd /c cmd /c ...` may go. */
const deepest = 16

export const windowsBanner = `${windowsVersion}\r\nThis is a simulated server of the exroll lab. "exit" leaves.\r\n\r\n`

/**
 * Answers one exec request as `cmd.exe /c LINE` would: `&`, `&&`, `||`, `|`, redirections, quotes, carets, %VARIABLES%
 * and the commands of `builtins`. Returns the exit code as 32 unsigned bits.
 */
export async function runCommandLine(host: Host, channel: ExecChannel): Promise<number> {
  const { folder = homeFolder, variables = new Map() } = channel.start ?? {}
  const own = [...variables].map(([name, value]) => [name.toUpperCase(), value] as const)
  const state = { folder, variables: new Map([...startVariables(host), ...own]), errorLevel: 0, over: false }
  return new CommandSession(host, false, 0, state).run(channel)
}

/** A cmd.exe that keeps its folder and variables from line to line. */
export class CommandSession {
  readonly #host: Host
  readonly #depth: number
  readonly #passesOn: boolean
  readonly #state: CommandState

  /** `passesOn` = exroll's own PowerShell lines go to `host.exec`; not where `host.exec` itself is what called. */
  constructor(host: Host, passesOn: boolean, depth: number = 0, from?: CommandState) {
    this.#host = host
    this.#passesOn = passesOn
    this.#depth = depth
    this.#state = {
      folder: from?.folder ?? homeFolder,
      variables: new Map(from?.variables ?? startVariables(host)),
      errorLevel: from?.errorLevel ?? 0,
      over: false,
    }
  }

  /** True once a line said `exit`. */
  get over(): boolean {
    return this.#state.over
  }

  get exitCode(): number {
    return this.#state.errorLevel
  }

  prompt(): string {
    return `${this.#state.folder}>`
  }

  async run(channel: ExecChannel): Promise<number> {
    let code = 0
    for (const pipeline of parseLine(this.#expand(channel.line))) {
      if (channel.signal.aborted) return 1
      if (pipeline.when === 'success' && code !== 0) continue
      if (pipeline.when === 'failure' && code === 0) continue
      code = await this.#pipeline(pipeline.commands, channel)
      this.#state.errorLevel = code
      if (this.#state.over) return code
    }
    return code === notRecognized ? notRecognizedExit : code
  }

  async #pipeline(commands: readonly SimpleCommand[], channel: ExecChannel): Promise<number> {
    let code = 0
    let stdin = channel.stdin
    for (const [index, command] of commands.entries()) {
      const last = index === commands.length - 1
      const kept: Buffer[] = []
      code = await this.#command(command, {
        ...channelParts(channel),
        stdin,
        stdout: last ? data => channel.stdout(data) : data => void kept.push(Buffer.from(data)),
      })
      stdin = inOrder(kept)
    }
    return code
  }

  async #command(command: SimpleCommand, channel: ExecChannel): Promise<number> {
    const streams = this.#redirected(command.redirects, channel)
    if (streams === undefined) return 1
    const name = command.name
      .toLowerCase()
      .replace(/^.*[\\/]/, '')
      .replace(/\.(exe|com)$/, '')
    const builtin = Object.hasOwn(builtins, name) ? builtins[name] : undefined
    if (name === '') return 0
    if (this.#passesOn && name === 'powershell' && /\s[-/]e(nc|ncodedcommand)?\s/i.test(command.rest)) {
      return this.#host.exec({ ...streams.channel, line: `${command.name}${command.rest}` })
    }
    if (builtin === undefined) {
      streams.channel.stderr(
        `'${command.name}' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n`,
      )
      return notRecognized
    }
    const context: CommandContext = {
      ...channelParts(streams.channel),
      host: this.#host,
      state: this.#state,
      rest: command.rest,
      nested: line => this.#nested(line, streams.channel),
    }
    let code: number
    try {
      code = await builtin(context)
    } catch (error) {
      streams.channel.stderr(`${error instanceof Error ? error.message : String(error)}\r\n`)
      code = 1
    }
    streams.settle()
    return code >>> 0
  }

  async #nested(line: string, channel: ExecChannel): Promise<number> {
    if (this.#depth >= deepest) return 1
    return new CommandSession(this.#host, true, this.#depth + 1, this.#state).run({ ...channelParts(channel), line })
  }

  /** The streams after `>`, `2>&1` and the like; undefined when a file named there cannot be read or written. */
  #redirected(
    redirects: readonly Redirect[],
    channel: ExecChannel,
  ): { channel: ExecChannel; settle(): void } | undefined {
    const files = this.#host.files
    const writes: { path: string; append: boolean; pieces: Buffer[] }[] = []
    let { stdin } = channel
    let stdout: ExecChannel['stdout'] = data => channel.stdout(data)
    let stderr: ExecChannel['stderr'] = data => channel.stderr(data)
    for (const { stream, target } of redirects) {
      let sink: (data: Uint8Array | string) => void
      if (target === 'out') sink = stdout
      else if (target === 'error') sink = stderr
      else if (/^nul:?$/i.test(target.file)) sink = () => {}
      else {
        const path = windowsPath(target.file, this.#state.folder)
        const parent = files.stat(windowsPath('..', path))
        if (stream === 'in' ? files.stat(path) === undefined : target.file === '' || parent === undefined) {
          channel.stderr('The system cannot find the path specified.\r\n')
          return undefined
        }
        if (stream === 'in') {
          stdin = inOrder([files.read(path)])
          continue
        }
        const write = { path, append: target.append, pieces: [] as Buffer[] }
        writes.push(write)
        sink = data => void write.pieces.push(Buffer.from(data))
      }
      if (stream === 'in') stdin = inOrder([])
      else if (stream === 'out') stdout = sink
      else stderr = sink
    }
    return {
      channel: { ...channelParts(channel), stdin, stdout, stderr },
      settle() {
        for (const { path, append, pieces } of writes) {
          const data = Buffer.concat(pieces)
          if (append && files.stat(path) !== undefined) files.append(path, data)
          else files.write(path, data)
        }
      },
    }
  }

  #expand(line: string): string {
    return line.replace(/%([^%\s]+)%/g, (whole, name: string) => {
      if (name.toUpperCase() === 'ERRORLEVEL') return String(this.#state.errorLevel | 0)
      if (name.toUpperCase() === 'CD') return this.#state.folder
      return this.#state.variables.get(name.toUpperCase()) ?? whole
    })
  }
}

/** An `ExecChannel` may be an object with methods on its class: spread would lose them. */
function channelParts(channel: ExecChannel): ExecChannel {
  return {
    line: channel.line,
    stdin: channel.stdin,
    stdout: data => channel.stdout(data),
    stderr: data => channel.stderr(data),
    signal: channel.signal,
  }
}

async function* inOrder(pieces: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces
}
