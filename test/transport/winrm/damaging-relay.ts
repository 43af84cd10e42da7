import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface DamagingRelay {
  port: number
  /** Whether anything was damaged yet. */
  readonly damaged: boolean
  /** What went towards the server. */
  sent(): Buffer
  close(): Promise<void>
}

/** Somebody on the way to a server, below HTTP: damages the bytes of the `nth` answer that passes, over all connections. */
export async function startDamagingRelay(
  target: number,
  nth: number,
  damage: (bytes: Buffer) => Buffer,
): Promise<DamagingRelay> {
  const sockets = new Set<Socket>()
  const sent: Buffer[] = []
  let passed = 0
  const server = createServer(near => {
    const far = connect(target, '127.0.0.1')
    const end = () => {
      near.destroy()
      far.destroy()
    }
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', end).on('close', end)
    }
    near.on('data', bytes => {
      sent.push(bytes)
      far.write(bytes)
    })
    far.on('data', bytes => {
      near.write(passed === nth ? damage(bytes) : bytes)
      passed += 1
    })
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  return {
    port: (server.address() as AddressInfo).port,
    get damaged() {
      return passed > nth
    },
    sent: () => Buffer.concat(sent),
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise(done => server.close(done))
    },
  }
}
