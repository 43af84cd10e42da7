import type { X509Certificate } from 'node:crypto'
import {
  createServer as createHttp,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttps } from 'node:https'
import { createServer, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { serverEndPoint } from '../../../transport/winrm/http/channel-binding.js'
import {
  isSealed,
  readSealedBody,
  SealedBodyError,
  sealEnvelope,
  sealedContentType,
} from '../../../transport/winrm/sealing/sealed-body.js'
import type { EnvelopeText } from '../../../transport/winrm/soap/write.js'
import type { Host } from '../../model.js'
import { AcceptedSockets } from '../accepted-sockets.js'
import { listenOnLoopback } from '../port.js'
import { ConnectionLogon } from './connection-logon.js'
import type { KerberosAcceptor } from './kerberos-acceptor.js'
import type { WsmanService } from './wsman-service.js'

export interface WinrmEndpointOptions {
  host: Host
  service: WsmanService
  /** NetBIOS name of the domain. */
  domain: string
  port?: number
  /** Present: HTTPS. */
  tls?: WinrmTls
  /** Keys of the services whose tickets are taken. */
  kerberos?: KerberosAcceptor
  /** As the setting of that name: Basic, and messages in clear text, are taken over HTTP too. Windows' default is no. */
  allowUnencrypted?: boolean
}

export interface WinrmTls {
  key: string
  cert: string
  /** The same certificate, parsed. */
  certificate: X509Certificate
  /** Authority of client certificates, PEM. */
  clientAuthority?: string
  /** The account that a client certificate is mapped to. */
  userOf?: (subject: string) => string | undefined
}

export interface WinrmEndpoint {
  port: number
  close(): Promise<void>
}

const soapType = 'application/soap+xml;charset=UTF-8'

/** A WinRM listener on 127.0.0.1, HTTP or HTTPS. Sealed messages only over HTTP; the line in front of it is as `host.network` says. */
export async function startWinrmEndpoint(options: WinrmEndpointOptions): Promise<WinrmEndpoint> {
  const { host, service, tls } = options
  const takesClearText = tls !== undefined || options.allowUnencrypted === true
  const sockets = new AcceptedSockets(host.network)
  const http = makeServer(options)
  const listener = createServer(incoming => {
    const socket = sockets.accept(incoming)
    if (socket !== undefined) http.emit('connection', socket)
  })
  const cut = (): void => {
    sockets.cut()
    // Shells outlive a connection, not a restart.
    if (host.network.down) service.endAll()
  }
  const opened = await listenOnLoopback(listener, { port: options.port, refuse: () => host.network.down })
  host.network.onCut(cut)
  return {
    port: opened.port,
    async close() {
      sockets.cut()
      http.closeAllConnections()
      await opened.close()
    },
  }

  function makeServer({ domain, kerberos }: WinrmEndpointOptions): HttpServer {
    const logons = new WeakMap<object, ConnectionLogon>()
    const logonOf = (socket: Socket): ConnectionLogon => {
      const known = logons.get(socket)
      if (known !== undefined) return known
      const logon = new ConnectionLogon({
        host,
        domain,
        kerberos,
        takesClearText,
        channelBinding: tls === undefined ? undefined : serverEndPoint(tls.certificate),
        mappedUser: tls === undefined ? undefined : mappedUser(socket as TLSSocket, tls),
      })
      logons.set(socket, logon)
      return logon
    }
    const listener = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
      const exchange: Exchange = {
        incoming,
        outgoing,
        service,
        logon: logonOf(incoming.socket),
        takesClearText,
      }
      answer(exchange).catch(() => outgoing.destroy())
    }
    const server =
      tls === undefined
        ? createHttp(listener)
        : createHttps(
            {
              key: tls.key,
              cert: tls.cert,
              ...(tls.clientAuthority !== undefined && {
                ca: tls.clientAuthority,
                requestCert: true,
                rejectUnauthorized: false,
              }),
            },
            listener,
          )
    // HTTP.sys keeps an idle connection for two minutes.
    server.keepAliveTimeout = 120_000
    server.requestTimeout = 0
    server.on('clientError', (_error, socket) => socket.destroy())
    return server
  }
}

function mappedUser(socket: TLSSocket, { userOf }: WinrmTls): string | undefined {
  if (!socket.authorized) return undefined
  const subject = socket.getPeerCertificate().subject?.CN
  return subject === undefined ? undefined : userOf?.(String(subject))
}

/** Memory of large messages that were answered, for the next ones: a few, however many connections there are. */
const rooms: Buffer[] = []
const mostRooms = 4
const roomBytes = 64 * 1024

function takeRoom(bytes: number): Buffer {
  const room = bytes < roomBytes ? undefined : rooms.pop()
  return room !== undefined && room.length >= bytes ? room : Buffer.allocUnsafe(bytes)
}

function giveRoom(room: Buffer): void {
  if (room.length >= roomBytes && rooms.length < mostRooms) rooms.push(room)
}

interface Exchange {
  incoming: IncomingMessage
  outgoing: ServerResponse
  service: WsmanService
  logon: ConnectionLogon
  takesClearText: boolean
}

async function answer(exchange: Exchange): Promise<void> {
  const { incoming, outgoing, service, logon } = exchange
  if (incoming.method !== 'POST' || !/^\/wsman(\?.*)?$/i.test(incoming.url ?? '')) return refuse(exchange, 404)
  const verdict = logon.take(incoming.headers.authorization)
  if (verdict.status === 'damaged') return refuse(exchange, 400)
  if (verdict.status === 'ask') return refuse(exchange, 401, { 'WWW-Authenticate': verdict.challenges })
  const headers = verdict.authenticate === undefined ? {} : { 'WWW-Authenticate': verdict.authenticate }
  const length = Number(incoming.headers['content-length'] ?? Number.NaN)
  if (length === 0) {
    outgoing.writeHead(200, { ...headers, 'Content-Length': '0' }).end()
    return
  }
  // A sealed message is a little longer than the envelope in it. Without reading the SOAP (MS-WSMV 3.1.4.1.20).
  const limit = service.quotas.maxEnvelopeKilobytes * 1024
  if (!(length <= limit + 1024)) return refuse(exchange, 413)
  const room = takeRoom(length)
  const opened = await open(exchange, await bodyOf(incoming, room))
  if (opened === undefined) return refuse(exchange, 400)
  if (opened.length > limit) return refuse(exchange, 413)
  const gone = new AbortController()
  outgoing.once('close', () => gone.abort())
  const { status, envelope } = await service.handle(opened, gone.signal)
  giveRoom(room)
  const { bytes, type } = await sealed(exchange, envelope)
  outgoing.writeHead(status, { ...headers, 'Content-Type': type, 'Content-Length': String(bytes.length) }).end(bytes)
}

/** The envelope of a request; undefined when it is not sealed as it has to be, or its signature is wrong. */
async function open({ incoming, logon, takesClearText }: Exchange, body: Buffer): Promise<Buffer | undefined> {
  const type = incoming.headers['content-type'] ?? ''
  if (!isSealed(type)) {
    return takesClearText && /^application\/soap\+xml\b.*charset=/i.test(type) ? body : undefined
  }
  try {
    const { plainBytes, ...message } = readSealedBody(body, type)
    const plain = await logon.sealing?.open(message)
    return plain?.length === plainBytes ? plain : undefined
  } catch (error) {
    if (error instanceof SealedBodyError) return undefined
    throw error
  }
}

async function sealed({ incoming, logon }: Exchange, envelope: EnvelopeText): Promise<{ bytes: Buffer; type: string }> {
  const { sealing } = logon
  if (sealing === undefined || !isSealed(incoming.headers['content-type'] ?? ''))
    return { bytes: envelope.toBuffer(), type: soapType }
  return {
    bytes: await sealEnvelope(envelope, sealing, { protocol: sealing.protocol }),
    type: sealedContentType(sealing.protocol),
  }
}

function refuse(
  { incoming, outgoing }: Exchange,
  status: number,
  headers: Record<string, string | string[]> = {},
): void {
  // A body that nobody reads would be taken for the next request.
  incoming.resume()
  outgoing.writeHead(status, { ...headers, 'Content-Length': '0' }).end()
}

async function bodyOf(incoming: IncomingMessage, room: Buffer): Promise<Buffer> {
  let length = 0
  for await (const piece of incoming as AsyncIterable<Buffer>) length += piece.copy(room, length)
  return room.subarray(0, length)
}
