import type { Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import type { AuthContext, Connection, ServerChannel } from 'ssh2'
import ssh2 from 'ssh2'

export interface SshServerOptions {
  /** Private keys, as `ssh2.utils.generateKeyPairSync` makes them. */
  hostKeys: string[]
  /** Decides on each try of a logon. Default: lets everybody in. */
  logon?: (context: AuthContext, connection: Connection) => void
  /** Answers a command. Default: exit code 0 at once. */
  command?: (channel: ServerChannel, line: string) => void
  /** Called with each socket before SSH begins; what it returns is waited for. */
  before?: (socket: Socket) => Promise<void>
  /** Whether it carries connections on to 127.0.0.1, as a jump host does. */
  forward?: boolean
}

export interface SshServer {
  port: number
  /** Every method that was tried, in order. */
  tries: string[]
  connections: number
  /** Connections that are open now. */
  readonly open: number
  /** Resets every connection. */
  cut(): void
  close(): Promise<void>
}

/** An SSH server that can be as odd as a test needs it: what neither sshd nor the lab does. */
export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const sockets = new Set<Socket>()
  const state: SshServer = {
    port: 0,
    tries: [],
    connections: 0,
    get open() {
      return sockets.size
    },
    cut() {
      for (const socket of sockets) socket.resetAndDestroy()
    },
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise(resolve => listener.close(() => resolve()))
    },
  }
  const daemon = new ssh2.Server({ hostKeys: options.hostKeys }, connection => {
    connection.on('error', () => undefined)
    connection.on('authentication', context => {
      state.tries.push(context.method)
      if (options.logon === undefined) context.accept()
      else options.logon(context, connection)
    })
    connection.on('tcpip', (accept, reject, { destPort }) => {
      if (options.forward !== true) return reject()
      const onward = connect({ host: '127.0.0.1', port: destPort, noDelay: true })
      const channel = accept()
      onward.on('error', () => channel.close())
      channel.on('close', () => onward.destroy())
      onward.pipe(channel).pipe(onward)
    })
    connection.on('session', accept => {
      accept().on('exec', (acceptExec, _reject, { command }) => {
        const channel = acceptExec()
        if (options.command !== undefined) return options.command(channel, command)
        channel.exit(0)
        channel.end()
      })
    })
  })
  const listener = createServer({ noDelay: true }, async socket => {
    state.connections++
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => sockets.delete(socket))
    await options.before?.(socket)
    if (!socket.destroyed) daemon.injectSocket(socket)
  })
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  state.port = address.port
  return state
}
