import { Agent, createServer, type IncomingHttpHeaders, request } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export interface PassedAnswer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

export interface Middle {
  port: number
  /** Changes the answers to requests that carry a message, from now on; undefined passes them on. */
  mangle: ((answer: PassedAnswer) => PassedAnswer | 'cut') | undefined
  /** Answers to requests that carried a message, as the server sent them. */
  readonly seen: PassedAnswer[]
  /** Headers of requests that carried a message, by connection in the order in which they were opened. */
  readonly asked: readonly (readonly IncomingHttpHeaders[])[]
  close(): Promise<void>
}

/** Somebody on the way to a WinRM listener who reads and changes what is sent. Each connection has its own behind it. */
export async function startMiddle(target: number): Promise<Middle> {
  const seen: PassedAnswer[] = []
  const agents = new Map<Socket, Agent>()
  const asked = new Map<Socket, IncomingHttpHeaders[]>()
  const middle: Middle = {
    port: 0,
    mangle: undefined,
    seen,
    get asked() {
      return [...asked.values()]
    },
    async close() {
      for (const agent of agents.values()) agent.destroy()
      server.closeAllConnections()
      await new Promise(done => server.close(done))
    },
  }
  const server = createServer((incoming, outgoing) => {
    const agent = agents.get(incoming.socket) ?? new Agent({ keepAlive: true, maxSockets: 1 })
    agents.set(incoming.socket, agent)
    collect(incoming).then(body => {
      const { method, url, headers } = incoming
      if (body.length > 0) asked.set(incoming.socket, [...(asked.get(incoming.socket) ?? []), headers])
      const onward = request({ agent, host: '127.0.0.1', port: target, method, path: url, headers }, answer => {
        collect(answer).then(bytes => {
          const passed = { status: answer.statusCode ?? 0, headers: answer.headers, body: bytes }
          const carries = body.length > 0
          if (carries) seen.push(passed)
          const changed = carries ? (middle.mangle?.(passed) ?? passed) : passed
          if (changed === 'cut') return incoming.socket.resetAndDestroy()
          outgoing.writeHead(changed.status, {
            ...changed.headers,
            'content-length': String(changed.body.length),
          })
          return outgoing.end(changed.body)
        }, ignore)
      })
      onward.on('error', () => incoming.socket.destroy())
      onward.end(body)
    }, ignore)
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  middle.port = (server.address() as AddressInfo).port
  return middle
}

async function collect(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of source) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** The client went away under it. */
function ignore(): void {}
