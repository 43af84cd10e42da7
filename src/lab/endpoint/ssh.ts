import { createServer, connect as dial, type Server as NetServer, type Socket } from 'node:net'
import type { AuthContext, Connection, ServerChannel, Session, TcpipRequestInfo } from 'ssh2'
import ssh2 from 'ssh2'
import type { ExecChannel, Host } from '../model.js'
import { AcceptedSockets } from './accepted-sockets.js'
import { ChannelOutput } from './channel-output.js'
import { hostKeyFingerprint } from './host-key.js'
import { listenOnLoopback } from './port.js'
import { serveSftp } from './sftp.js'
import { serveShell, type Terminal } from './shell.js'

export interface SshEndpointOptions {
  host: Host
  /** A private key in OpenSSH's format, as `makeHostKey` makes it. */
  hostKey: string
  /** Default: a free port. */
  port?: number
}

export interface SshEndpoint {
  port: number
  /** `SHA256:...`, as ssh-keygen prints it. */
  fingerprint: string
  /** Cuts every connection and gives the port back. */
  close(): Promise<void>
}

/** sshd's own defaults (sshd_config: MaxSessions, MaxAuthTries), which a client has to get along with. */
const maxSessions = 10
const maxAuthTries = 6

/** What Node's crypto does natively; chacha20-poly1305 would run in WebAssembly where ssh2's native part is missing. */
const ciphers = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes256-ctr'] as const

/**
 * One simulated server's SSH daemon on 127.0.0.1: password logon through `host.logon` (one call a try), exec, an
 * interactive prompt, SFTP, and forwarding to loopback ports so that it can serve as a jump host. The line in front of
 * it behaves as `host.network` says. A server that is down when it starts refuses connections; one that goes down
 * later resets them.
 */
export async function startSshEndpoint(options: SshEndpointOptions): Promise<SshEndpoint> {
  const { host } = options
  const sockets = new AcceptedSockets(host.network)
  // The daemon parses its key and algorithms when the first client comes: most of a large fleet is idle at first.
  let daemon: ssh2.Server | undefined
  const listener: NetServer = createServer(incoming => {
    const socket = sockets.accept(incoming)
    if (socket === undefined) return
    daemon ??= makeDaemon(host, options.hostKey)
    // ssh2 reads and writes it as any duplex stream, and asks for a socket by its types only.
    daemon.injectSocket(socket as Socket)
  })
  const opened = await listenOnLoopback(listener, { port: options.port, refuse: () => host.network.down })
  host.network.onCut(() => sockets.cut())
  return {
    port: opened.port,
    fingerprint: hostKeyFingerprint(options.hostKey),
    async close() {
      sockets.cut()
      await opened.close()
    },
  }
}

/** What Windows' own daemon calls itself: clients ask it for more at once than they ask others. */
const identification = 'OpenSSH_for_Windows_9.5'

function makeDaemon(host: Host, hostKey: string): ssh2.Server {
  return new ssh2.Server(
    { hostKeys: [hostKey], ident: identification, algorithms: { cipher: [...ciphers] } },
    connection => serveConnection(connection, host),
  )
}

function serveConnection(connection: Connection, host: Host): void {
  let tries = 0
  let sessions = 0
  connection.setMaxListeners(maxSessions + 8)
  // A client that goes away in the middle is everyday life for a daemon.
  connection.on('error', () => {})
  connection.on('authentication', (context: AuthContext) => {
    if (context.method !== 'password') {
      context.reject(['password'])
    } else if (host.logon(context.username, context.password)) {
      context.accept()
    } else {
      tries += 1
      context.reject(['password'])
      if (tries >= maxAuthTries) connection.end()
    }
  })
  connection.on('session', (accept, reject) => {
    if (sessions >= maxSessions) {
      reject()
      return
    }
    sessions += 1
    const session = accept()
    session.once('close', () => {
      sessions -= 1
    })
    serveSession(connection, session, host)
  })
  connection.on('tcpip', (accept, reject, target) => forward(accept, reject, target))
}

function serveSession(connection: Connection, session: Session, host: Host): void {
  const signal = abortedWith(connection, session)
  let terminal: Terminal | undefined
  session.on('pty', (accept, _reject, info) => {
    terminal = { columns: info.cols || 80 }
    accept?.()
  })
  session.on('window-change', (accept, _reject, info) => {
    if (terminal !== undefined) terminal.columns = info.cols || 80
    accept?.()
  })
  session.on('env', accept => accept?.())
  session.on('exec', (accept, _reject, info) => serveExec(accept(), signal, host, info.command))
  session.on('shell', accept => {
    const channel = accept()
    void serveShell({ channel, output: new ChannelOutput(channel, signal), host, terminal, signal })
  })
  session.on('sftp', accept => serveSftp(accept(), host))
}

function serveExec(channel: ServerChannel, signal: AbortSignal, host: Host, line: string): void {
  const output = new ChannelOutput(channel, signal)
  const exec: ExecChannel = {
    line,
    stdin: stdinOf(channel),
    stdout: data => output.stdout(data),
    stderr: data => output.stderr(data),
    signal,
  }
  const run = async (): Promise<void> => {
    const code = await host.exec(exec).catch((error: unknown) => {
      output.stderr(`The simulated server failed: ${error instanceof Error ? error.message : String(error)}\r\n`)
      return 1
    })
    await output.drained()
    if (signal.aborted) return
    // Windows codes such as 0x80070643 are negative as signed numbers; the field is unsigned (RFC 4254, 6.10).
    channel.exit(code >>> 0)
    channel.end()
    // What the command left unread would keep the channel from ending.
    channel.resume()
  }
  void run()
}

/** What the client types or pipes in; it just ends when the channel is lost. */
async function* stdinOf(channel: ServerChannel): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of channel.iterator({ destroyOnReturn: false })) yield chunk as Uint8Array
  } catch {
    // The signal says that it was lost.
  }
}

/**
 * Aborted when the client closes the session, sends it a signal, or is gone. The channel's own `close` would come only
 * after its stdin was read to the end.
 */
function abortedWith(connection: Connection, session: Session): AbortSignal {
  const controller = new AbortController()
  const abort = (): void => {
    connection.removeListener('close', abort)
    controller.abort()
  }
  connection.once('close', abort)
  session.once('close', abort)
  session.on('signal', accept => {
    accept?.()
    abort()
  })
  return controller.signal
}

/** A jump host's part (RFC 4254, 7.2); the lab never leaves loopback. */
function forward(accept: () => ServerChannel, reject: () => void, target: TcpipRequestInfo): void {
  if (!['127.0.0.1', 'localhost'].includes(target.destIP)) {
    reject()
    return
  }
  const socket = dial({ host: '127.0.0.1', port: target.destPort, noDelay: true })
  socket.once('error', reject)
  socket.once('connect', () => {
    socket.removeListener('error', reject)
    const channel = accept()
    socket.on('error', () => channel.close())
    channel.on('close', () => socket.destroy())
    socket.pipe(channel).pipe(socket)
  })
}
