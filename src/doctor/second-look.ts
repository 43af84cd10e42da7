import { ConnectError } from '../errors.js'
import { dial } from '../transport/winrm/http/dial.js'
import { HttpConnection, HttpConnectionError } from '../transport/winrm/http/http-connection.js'
import { readGreeting } from './greeting.js'

/** What a port speaks, in place of what it should. */
export type Spoken = { protocol: 'tls' } | { protocol: 'http' } | { protocol: 'other'; greeting: string }

export interface SecondLook {
  host: string
  port: number
  /** Milliseconds; more for a port that said something before than for one that never did. */
  patienceMs: number
  protocols: readonly Spoken['protocol'][]
}

/** Asks a port that did not answer as it should what it speaks, in several ways at once; the first that is answered counts. */
export async function askWhatIsSpoken({ host, port, patienceMs, protocols }: SecondLook): Promise<Spoken | undefined> {
  const asks = { tls: speaksTls, http: speaksPlainHttp, other: greets }
  const over = new AbortController()
  const target = { host, port, timeoutMs: patienceMs, signal: over.signal }
  const asked = protocols.map(async protocol => {
    const spoken = await asks[protocol](target)
    if (spoken === undefined) throw new NothingSpoken()
    return spoken
  })
  try {
    return await Promise.any(asked)
  } catch (error) {
    const unforeseen =
      error instanceof AggregateError ? error.errors.find(one => !(one instanceof NothingSpoken)) : error
    if (unforeseen !== undefined) throw unforeseen
    return undefined
  } finally {
    over.abort()
  }
}

class NothingSpoken extends Error {}

interface Target {
  host: string
  port: number
  timeoutMs: number
  signal: AbortSignal
}

/** Does it answer a TLS handshake, whatever its certificate? */
async function speaksTls({ signal, ...target }: Target): Promise<Spoken | undefined> {
  const tls = { trust: { unverified: true } }
  const dialed = await dial({ ...target, tls }, signal).catch(() => undefined)
  dialed?.socket.destroy()
  return dialed && { protocol: 'tls' }
}

/** Does it answer a request of HTTP, whatever it says? */
async function speaksPlainHttp({ signal, ...target }: Target): Promise<Spoken | undefined> {
  const { timeoutMs } = target
  try {
    const { socket } = await dial(target, signal)
    const http = new HttpConnection(socket, { ...target, path: '/wsman' })
    await http.post({}, Buffer.alloc(0), { timeoutMs, limitBytes: 256 * 1024, signal })
    http.close()
    return { protocol: 'http' }
  } catch (error) {
    if (signal.aborted || error instanceof HttpConnectionError || error instanceof ConnectError) return undefined
    throw error
  }
}

/** Who greets does so at once. */
const greetingMs = 5000

async function greets(target: Target): Promise<Spoken | undefined> {
  const greeting = await readGreeting({ ...target, timeoutMs: Math.min(target.timeoutMs, greetingMs) })
  return greeting === undefined ? undefined : { protocol: 'other', greeting }
}
