import { connect, createServer, type Socket } from 'node:net'

/** A TCP relay on 127.0.0.1 in front of a port: the network that a test can break. */
export interface Relay {
  port: number
  /** Connections taken so far. */
  readonly accepted: number
  /** Resets every connection that is open. */
  cut(): void
  /** From now on bytes are swallowed both ways, as by a pulled cable: nothing is reset, nothing is answered. */
  swallow(): void
  close(): Promise<void>
}

export async function startRelay(target: number): Promise<Relay> {
  const sockets = new Set<Socket>()
  let accepted = 0
  let swallowing = false
  const carry = (from: Socket, to: Socket) => {
    sockets.add(from)
    from.on('data', data => {
      if (!swallowing) to.write(data)
    })
    from.on('end', () => to.end())
    from.on('error', () => to.destroy())
    from.on('close', () => {
      sockets.delete(from)
      to.destroy()
    })
  }
  const server = createServer({ noDelay: true }, near => {
    accepted++
    const far = connect({ host: '127.0.0.1', port: target, noDelay: true })
    carry(near, far)
    carry(far, near)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the relay has no port')
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    port: address.port,
    get accepted() {
      return accepted
    },
    cut,
    swallow() {
      swallowing = true
    },
    close() {
      cut()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
}
