import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { Socket } from 'node:net'

export interface HttpAnswer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

export interface PostOptions {
  /** Milliseconds until the whole answer has to be there. */
  timeoutMs: number
  /** The answer may have this many bytes. */
  limitBytes: number
  signal?: AbortSignal | undefined
  /** Called once the whole request was handed to the system. */
  onSent?: (() => void) | undefined
}

export type HttpFailure = 'broken' | 'timeout' | 'too-large'

/** A request that got no answer. `broken` = the connection went; whether the server acted on the request is not known. */
export class HttpConnectionError extends Error {
  override readonly name = 'HttpConnectionError'
  readonly kind: HttpFailure

  constructor(kind: HttpFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.kind = kind
  }
}

/** Words before an answer (`100 Continue`) that are listened to: no WinRM listener sends any, an endless row keeps a processor busy. */
const mostInterim = 16

/** Requests one after the other over one socket that is open already. It is never opened again: a logon belongs to it. */
export class HttpConnection {
  readonly #agent: OneSocketAgent
  readonly #socket: Socket
  readonly #target: { host: string; port: number; path: string }
  #busy = false

  constructor(socket: Socket, target: { host: string; port: number; path: string }) {
    this.#socket = socket
    this.#agent = new OneSocketAgent(socket)
    this.#target = target
  }

  get usable(): boolean {
    return !this.#busy && !this.#socket.destroyed && this.#socket.writable && this.#socket.readable
  }

  /** POSTs `body`. Throws `HttpConnectionError`; aborts with the signal's reason. After either the connection is gone. */
  async post(headers: Record<string, string>, body: Buffer, options: PostOptions): Promise<HttpAnswer> {
    if (this.#busy) throw new Error('one request at a time')
    if (!this.usable) throw closed()
    this.#busy = true
    try {
      const answer = await this.#exchange(headers, body, options)
      this.#busy = false
      if (/\bclose\b/i.test(answer.headers.connection ?? '')) this.close()
      return answer
    } catch (error) {
      this.close()
      throw error
    }
  }

  close(): void {
    this.#socket.destroy()
    this.#agent.destroy()
  }

  #exchange(
    headers: Record<string, string>,
    body: Buffer,
    { timeoutMs, limitBytes, signal, onSent }: PostOptions,
  ): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason)
      const outgoing = request({ agent: this.#agent, method: 'POST', ...this.#target })
      // Not among the options, which Node prints with NODE_DEBUG=http: one of them is the password of Basic.
      for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value)
      outgoing.setHeader('Content-Length', body.length)
      const fail = (reason: unknown): void => {
        settle()
        outgoing.destroy()
        reject(reason)
      }
      const onAbort = () => fail(signal?.reason)
      const timer = setTimeout(
        () => fail(new HttpConnectionError('timeout', `no answer within ${timeoutMs} ms`)),
        timeoutMs,
      )
      const settle = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      outgoing.on('error', error => fail(new HttpConnectionError('broken', error.message, error)))
      let interim = 0
      outgoing.on('information', () => {
        interim += 1
        if (interim > mostInterim) fail(new HttpConnectionError('broken', 'the server answers without an end'))
      })
      // A connection that is to speak something else from here on is no answer, and Node says nothing but that it is gone.
      const onClose = () => fail(new HttpConnectionError('broken', 'the server ended HTTP on the connection'))
      outgoing.once('close', onClose)
      outgoing.on('response', incoming => {
        outgoing.off('close', onClose)
        collect(incoming, limitBytes).then(bytes => {
          settle()
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: bytes })
        }, fail)
      })
      outgoing.end(body, onSent)
    })
  }
}

function closed(): HttpConnectionError {
  return new HttpConnectionError('broken', 'the server closed the connection')
}

async function collect(incoming: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = []
  let total = 0
  try {
    for await (const piece of incoming as AsyncIterable<Buffer>) {
      total += piece.length
      if (total > limitBytes) throw new HttpConnectionError('too-large', `an answer of more than ${limitBytes} bytes`)
      pieces.push(piece)
    }
  } catch (error) {
    if (error instanceof HttpConnectionError) throw error
    throw new HttpConnectionError('broken', 'the answer was cut', error)
  }
  if (!incoming.complete) throw new HttpConnectionError('broken', 'the answer was cut')
  return Buffer.concat(pieces)
}

class OneSocketAgent extends Agent {
  #socket: Socket | undefined

  constructor(socket: Socket) {
    super({ keepAlive: true, maxSockets: 1, maxFreeSockets: 1 })
    this.#socket = socket
  }

  override createConnection(
    _options: object,
    done?: (error: Error | null, stream: Socket) => void,
  ): Socket | undefined {
    const socket = this.#socket
    this.#socket = undefined
    // Thrown, it would reach nobody: the agent asks when the old socket has closed.
    if (socket === undefined) setImmediate(() => done?.(closed(), new Socket()))
    return socket
  }
}
