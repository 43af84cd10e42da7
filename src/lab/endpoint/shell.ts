import type { ServerChannel } from 'ssh2'
import type { Host } from '../model.js'
import type { ChannelOutput } from './channel-output.js'
import { CommandSession, windowsBanner } from './command-line.js'

export interface Terminal {
  columns: number
}

export interface ShellOptions {
  channel: ServerChannel
  output: ChannelOutput
  host: Host
  /** Present when the client asked for a terminal: then what is typed is echoed. */
  terminal: Terminal | undefined
  signal: AbortSignal
}

/** The prompt a plain `ssh` logon gets: cmd.exe as sshd on Windows starts it, without line editing beyond Backspace. */
export async function serveShell(options: ShellOptions): Promise<void> {
  const { channel, output, host, terminal, signal } = options
  const session = new CommandSession(host, true)
  const lines: string[] = []
  let typed = ''
  let ended = false
  let running: AbortController | undefined
  let wake: (() => void) | undefined
  const decoder = new TextDecoder()

  const press = (key: string): void => {
    if (key === '\r' || key === '\n') {
      if (terminal !== undefined) output.stdout('\r\n')
      lines.push(typed)
      typed = ''
    } else if (key === '\x03') {
      if (terminal !== undefined) output.stdout('^C\r\n')
      typed = ''
      if (running !== undefined) running.abort()
      else output.stdout(session.prompt())
    } else if (key === '\b' || key === '\x7f') {
      if (typed !== '' && terminal !== undefined) output.stdout('\b \b')
      typed = Array.from(typed).slice(0, -1).join('')
    } else if (key >= ' ' || key === '\t') {
      if (terminal !== undefined) output.stdout(key)
      typed += key
    }
  }
  channel.on('data', (chunk: Buffer) => {
    for (const key of decoder.decode(chunk, { stream: true }).replace(/\r\n/g, '\r')) press(key)
    wake?.()
  })
  channel.on('end', () => {
    if (typed !== '') lines.push(typed)
    ended = true
    wake?.()
  })
  signal.addEventListener('abort', () => {
    ended = true
    running?.abort()
    wake?.()
  })

  output.stdout(windowsBanner)
  while (!session.over && !signal.aborted) {
    output.stdout(session.prompt())
    while (lines.length === 0 && !ended) {
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
    const line = lines.shift()
    if (line === undefined) break
    running = new AbortController()
    await session.run({
      line,
      stdin: nothing(),
      stdout: data => output.stdout(data),
      stderr: data => output.stderr(data),
      signal: running.signal,
    })
    running = undefined
    output.stdout('\r\n')
  }
  await output.drained()
  if (signal.aborted) return
  channel.exit(session.exitCode >>> 0)
  channel.end()
  channel.resume()
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
