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

/** Long enough for a server of the same network; a web server never speaks first. */
const greetingMs = 2000

/** What greets whoever connects, in its own words; undefined where nobody speaks first. */
export async function readGreeting(host: string, port: number): Promise<string | undefined> {
  const dialed = await dial({ host, port, timeoutMs: greetingMs }).catch((error: unknown) => {
    if (error instanceof ConnectError) return undefined
    throw error
  })
  if (dialed === undefined) return undefined
  const { socket } = dialed
  return new Promise(resolve => {
    const settle = (greeting?: string): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(greeting)
    }
    const timer = setTimeout(settle, greetingMs)
    socket.once('close', () => settle())
    socket.once('data', (first: Buffer) => settle(first.toString('latin1', 0, 120).split(/[\r\n]/)[0]))
  })
}

/** `an SSH server ("SSH-2.0-OpenSSH_9.5")` */
export function greeter(greeting: string): string {
  const [, kind = 'a server that speaks first'] = greetings.find(([pattern]) => pattern.test(greeting)) ?? []
  return `${kind} ("${greeting.trim().slice(0, 60)}")`
}
