import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { HttpConnection } from '../../../../src/transport/winrm/http/http-connection.js'

describe('an HTTP answer that is none', () => {
  const open = new Set<Socket>()
  let server: Server | undefined

  afterEach(async () => {
    for (const socket of open) socket.destroy()
    await new Promise(done => (server === undefined ? done(undefined) : server.close(done)))
  })

  /** A connection to somebody who does `act` once he is asked for something. */
  async function connectionTo(act: (socket: Socket) => void): Promise<HttpConnection> {
    server = createServer(socket => {
      open.add(socket)
      socket.on('error', () => undefined).once('data', () => act(socket))
    })
    await new Promise<void>(done => server?.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    const socket = connect(port, '127.0.0.1')
    await new Promise(done => socket.once('connect', done))
    return new HttpConnection(socket, { host: '127.0.0.1', port, path: '/wsman' })
  }

  /** Writes `text` for as long as anybody reads. */
  function endless(socket: Socket, text: string): void {
    while (!socket.destroyed && socket.write(text));
    if (!socket.destroyed) socket.once('drain', () => endless(socket, text))
  }

  const limits = { timeoutMs: 50_000, limitBytes: 100_000 }

  it.for([
    ['an endless row of words before the answer', (socket: Socket) => endless(socket, 'HTTP/1.1 100 Continue\r\n\r\n')],
    ['endless early hints', (socket: Socket) => endless(socket, 'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n')],
    [
      'a change to another protocol',
      (socket: Socket) => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nx')
      },
    ],
    ['endless headers', (socket: Socket) => endless(socket, `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(65_536)}`)],
    [
      'two lengths',
      (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx'),
    ],
    ['something else than HTTP', (socket: Socket) => socket.write('220 mail server ready\r\n')],
  ] as const)('%s ends the connection at once', async ([, act]) => {
    const http = await connectionTo(act)
    await expect(http.post({}, Buffer.alloc(0), limits)).rejects.toMatchObject({ kind: 'broken' })
    expect(http.usable).toBe(false)
  })

  it('of endless pieces is not read past its limit', async () => {
    const http = await connectionTo(socket => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
      endless(socket, '1\r\nx\r\n'.repeat(1000))
    })
    await expect(http.post({}, Buffer.alloc(0), limits)).rejects.toMatchObject({ kind: 'too-large' })
  })

  it('reads the answer behind a word before it', async () => {
    const http = await connectionTo(socket =>
      socket.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
    )
    expect(await http.post({}, Buffer.alloc(0), limits)).toMatchObject({ status: 200, body: Buffer.from('ok') })
  })
})
