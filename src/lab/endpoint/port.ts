import { randomInt } from 'node:crypto'
import type { AddressInfo, Server } from 'node:net'

export interface OpenPort {
  port: number
  close(): Promise<void>
}

export interface PortOptions {
  port?: number | undefined
  /** Asked at the start, and now and then while it said yes: true = connections have to be refused. */
  refuse: () => boolean
}

/** Ports that no system of today hands out by itself (RFC 6335 dynamic ports, Linux ip_local_port_range). */
const quietPorts = { from: 10_240, to: 32_000 }
const lookAgainMs = 500

/**
 * Lets `server` listen on 127.0.0.1. When connections are to be refused, a port is chosen that nothing listens on and
 * nothing else is likely to take, and listening starts once they are no longer to be refused.
 */
export async function listenOnLoopback(server: Server, options: PortOptions): Promise<OpenPort> {
  if (!options.refuse()) {
    await listen(server, options.port ?? 0)
    return { port: portOf(server), close: () => closeServer(server) }
  }
  const port = options.port ?? (await findQuietPort(server))
  // The one endpoint of a fleet that is unreachable: no other server has a timer.
  const timer = setInterval(() => {
    if (options.refuse()) return
    clearInterval(timer)
    listen(server, port).catch(() => {})
  }, lookAgainMs)
  timer.unref()
  return {
    port,
    close() {
      clearInterval(timer)
      return closeServer(server)
    },
  }
}

async function findQuietPort(server: Server): Promise<number> {
  for (;;) {
    const port = randomInt(quietPorts.from, quietPorts.to)
    try {
      await listen(server, port)
    } catch {
      continue
    }
    await closeServer(server)
    return port
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port, backlog: 511 }, () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
}

function closeServer(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve()
  return new Promise(resolve => server.close(() => resolve()))
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}
