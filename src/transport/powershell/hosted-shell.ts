import { readFileSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { ConnectError } from '../../errors.js'
import { packageFile } from '../../package-file.js'
import { decodeAnswer, encodeRequest, type HostAnswer, type HostEnd, type HostRequest } from './protocol.js'
import { startShellProcess } from './shell-process.js'

type Ask = HostRequest extends infer R ? (R extends HostRequest ? Omit<R, 'id'> : never) : never

export interface HostedShell {
  /**
   * Sends a request; `onObject` gets what it gives, as it comes. Resolves with how it ended; rejects with the shell's end (`SHELL_DEAD`).
   * `onId` is told the request's number, for `stop`.
   */
  ask(request: Ask, onObject?: (text: string) => void, onId?: (id: number) => void): Promise<HostEnd>
  /**
   * Stops what a request does; it then ends as `stopped`. One that does not end is given up, and `lost`: its server hangs. A shell that
   * answers nothing at all any more is ended, so that nobody waits for it.
   */
  stop(id: number): void
  readonly dead: boolean
  /** `7.6.9 Core`. */
  readonly version: string
  end(): Promise<void>
}

export interface HostedShellOptions {
  executable: string
  env: NodeJS.ProcessEnv
  /** Milliseconds a shell may take to be ready: Windows PowerShell on a busy machine takes many seconds. */
  startTimeoutMs?: number
  /** Milliseconds a request may take to stop. */
  stopTimeoutMs?: number
  /** Milliseconds between two questions to the shell whether it lives, while anybody waits for it. */
  heartbeatMs?: number
  /** Milliseconds a living shell may take to say so: it does nothing else, but the machine may be busy. */
  silenceMs?: number
}

/** Milliseconds a shell may take to end when it is asked to. */
const goodbyeMs = 3000

const hostScript = packageFile('ps-scripts/transport/Start-SessionHost.ps1')

/**
 * Starts the operator's PowerShell through node-powershell and hands it one line: a fixed bootstrap with the host script in base64. Nothing else
 * ever goes through node-powershell's own templates and queue, which evaluate `$()`, do not stream and keep a history; requests and answers go
 * over its streams. Throws `ConnectError` SHELL_START.
 */
export async function startHostedShell(options: HostedShellOptions): Promise<HostedShell> {
  const {
    executable,
    env,
    startTimeoutMs = 60_000,
    stopTimeoutMs = 10_000,
    heartbeatMs = 15_000,
    silenceMs = 45_000,
  } = options
  const shell = await startShellProcess(executable, env)
  const { stdin, stdout, stderr } = shell.streams
  const waiting = new Map<number, Waiting>()
  let last = 0
  let dead = false
  let complaint = ''
  let version = ''
  let heartbeat: NodeJS.Timeout | undefined

  const die = () => {
    if (dead) return
    dead = true
    clearInterval(heartbeat)
    for (const one of waiting.values()) one.reject(shellDead(executable, complaint))
    waiting.clear()
  }
  // A rejection that nobody handles otherwise ends the process. Its types call it private.
  Promise.resolve(Reflect.get(shell, 'exitPromise')).then(die, die)
  stdin.on('error', die)
  stdout.on('close', die)
  stderr.on('data', piece => {
    complaint = (complaint + String(piece)).slice(-2000)
  })
  const ready = new Promise<HostEnd>((resolve, reject) => waiting.set(0, { resolve, reject }))
  eachLine(stdout, line => {
    const answer = decodeAnswer(line)
    if (answer !== undefined) take(waiting, answer)
  })
  const bootstrap = readFileSync(hostScript).toString('base64')
  stdin.write(
    `. ([scriptblock]::Create([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('${bootstrap}'))))\n`,
  )

  /** What it started may hold its pipes open: a program that stands in for PowerShell is ended without its child. */
  const kill = async () => {
    await shell.dispose('SIGKILL').catch(() => undefined)
    for (const stream of [stdin, stdout, stderr]) stream.destroy()
  }
  const hosted: HostedShell = {
    ask(request, onObject, onId) {
      const id = ++last
      if (dead) return Promise.reject(shellDead(executable, complaint))
      const end = new Promise<HostEnd>((resolve, reject) => {
        waiting.set(id, { resolve, reject, ...(onObject === undefined ? {} : { onObject }) })
      })
      onId?.(id)
      stdin.write(encodeRequest({ ...request, id } as HostRequest))
      return end
    },
    stop(id) {
      if (!waiting.has(id) || dead) return
      stdin.write(encodeRequest({ id: ++last, verb: 'stop', target: id }))
      setTimeout(() => void giveUp(id), stopTimeoutMs).unref()
    },
    get dead() {
      return dead
    },
    get version() {
      return version
    },
    async end() {
      die()
      const late = setTimeout(() => void kill(), goodbyeMs)
      await shell.dispose().catch(() => undefined)
      clearTimeout(late)
    },
  }
  const endWhenSilent = async () => {
    try {
      await withTimeout(hosted.ask({ verb: 'ping' }), silenceMs)
    } catch {
      complaint = `it answered nothing for ${silenceMs / 1000} s`
      die()
      await kill()
    }
  }
  const giveUp = async (id: number) => {
    if (!waiting.has(id)) return
    await endWhenSilent()
    take(waiting, { id, ended: 'stopped', lost: true })
  }
  let listening = false
  const beat = () => {
    if (listening || dead || waiting.size === 0) return
    listening = true
    void endWhenSilent().finally(() => {
      listening = false
    })
  }
  try {
    const end = await withTimeout(ready, startTimeoutMs)
    version = `${end.version ?? ''} ${end.edition ?? ''}`.trim()
    heartbeat = setInterval(beat, heartbeatMs).unref()
    return hosted
  } catch (cause) {
    await hosted.end()
    const said = complaint.trim().split('\n')[0] || `no answer within ${startTimeoutMs / 1000} s`
    throw new ConnectError(`${executable} did not become ready: ${said.slice(0, 300)}.`, {
      code: 'SHELL_START',
      hint: 'Start it by hand: does it open a prompt? Language mode and policies of this machine may keep scripts from running.',
      cause,
    })
  }
}

interface Waiting {
  resolve: (end: HostEnd) => void
  reject: (reason: unknown) => void
  onObject?: (text: string) => void
}

function take(waiting: Map<number, Waiting>, answer: HostAnswer): void {
  const one = waiting.get(answer.id)
  if (one === undefined) return
  if ('object' in answer) {
    one.onObject?.(answer.object)
    return
  }
  waiting.delete(answer.id)
  one.resolve(answer)
}

function eachLine(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  const decoder = new StringDecoder('utf8')
  let rest: string[] = []
  stream.on('data', (piece: Buffer | string) => {
    const lines = decoder.write(Buffer.from(piece)).split('\n')
    const [first = '', ...more] = lines
    rest.push(first)
    for (const next of more) {
      take(rest.join('').replace(/\r$/, ''))
      rest = [next]
    }
  })
}

function withTimeout<T>(promise: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

function shellDead(executable: string, complaint: string): ConnectError {
  const said = complaint.trim().split('\n').at(-1) ?? ''
  return new ConnectError(
    `The hosted PowerShell (${executable}) has ended${said === '' ? '' : `: ${said.slice(0, 300)}`}.`,
    {
      code: 'SHELL_DEAD',
      hint: 'exroll starts another one with the next connection. If it ends again, look at why on this machine.',
    },
  )
}
