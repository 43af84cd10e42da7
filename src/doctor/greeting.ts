import { ConnectError } from '../errors.js'
import { dial } from '../transport/winrm/http/dial.js'

/** What speaks first at its port, and how it begins (RFC 4253 4.2, RFC 5321 4.2, RFC 959 5.4). */
const greetings: readonly (readonly [RegExp, string])[] = [
  [/^SSH-/, 'an SSH server'],
  [/^220[ -].*SMTP/i, 'a mail server'],
  [/^220[ -]/, 'a mail or FTP server'],
  [/^\+OK/, 'a POP3 server'],
  [/^\* OK/, 'an IMAP server'],
]

/** Where to listen, and for how many milliseconds at most. */
export interface GreetingTarget {
  host: string
  port: number
  timeoutMs: number
  signal: AbortSignal
}

/** What greets whoever connects, in its own words; undefined where nobody speaks first, or nobody wants to know any more. */
export async function readGreeting({ host, port, timeoutMs, signal }: GreetingTarget): Promise<string | undefined> {
  const dialed = await dial({ host, port, timeoutMs }, signal).catch((error: unknown) => {
    if (signal.aborted || error instanceof ConnectError) return undefined
    throw error
  })
  if (dialed === undefined) return undefined
  const { socket } = dialed
  return new Promise(resolve => {
    const settle = (greeting?: string): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      socket.destroy()
      resolve(greeting)
    }
    const onAbort = (): void => settle()
    const timer = setTimeout(settle, timeoutMs)
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('close', () => settle())
    socket.once('data', (first: Buffer) => settle(first.toString('latin1', 0, 120).split(/[\r\n]/)[0]))
    if (signal.aborted) settle()
  })
}

/** `an SSH server ("SSH-2.0-OpenSSH_9.5")` */
export function greeter(greeting: string): string {
  const [, kind = 'a server that speaks first'] = greetings.find(([pattern]) => pattern.test(greeting)) ?? []
  return `${kind} ("${greeting.trim().slice(0, 60)}")`
}
