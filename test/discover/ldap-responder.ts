import { createServer, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import { BerReader, BerWriter } from 'ldapts'

export type Attributes = Record<string, string[]>

export interface ResponderOptions {
  username: string
  password: string
  /** Attributes of the root entry. */
  root: Attributes
  entries: { dn: string; attributes: Attributes }[]
  /** With it StartTLS is taken; without it the answer is that it is not available. */
  tls?: { key: string; cert: string }
  /** A bind without TLS is refused, as a domain controller with LDAP signing does. */
  needsTls?: boolean
  /** What a wrong password is answered with. */
  refusal?: string
  /** What happens to the connection when StartTLS is asked for: it ends, or says yes and then nothing more. */
  onStartTls?: 'drop' | 'silence'
}

export interface Responder {
  url: string
  /** What arrived in passwords, in the order of arrival, and whether it came over TLS. */
  binds: { username: string; password: string; sealed: boolean }[]
  connections(): number
  close(): Promise<void>
}

/** LDAP result codes (RFC 4511, 4.1.9). */
const codes = { success: 0, strongerAuthRequired: 8, unavailable: 52, invalidCredentials: 49 } as const

/** A small LDAP server on loopback that answers as a domain controller would: bind, StartTLS, the root entry, and everything else in pages of one entry. */
export async function startResponder(options: ResponderOptions): Promise<Responder> {
  const binds: Responder['binds'] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer(socket => {
    connections++
    sockets.add(socket)
    socket.on('error', () => undefined)
    serve(socket, options, binds)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `ldap://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    binds,
    connections: () => connections,
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
}

function serve(socket: Socket, options: ResponderOptions, binds: Responder['binds']): void {
  let rest = Buffer.alloc(0)
  let page = 0
  const onData = (piece: Buffer) => {
    rest = Buffer.concat([rest, piece])
    for (;;) {
      const message = new BerReader(rest)
      if (message.readSequence() === null || message.length > message.remain) return
      rest = rest.subarray(message.offset + message.length)
      const id = message.readInt() ?? 0
      answer(id, message)
    }
  }
  const answer = (id: number, message: BerReader) => {
    const operation = message.readSequence()
    if (operation === 0x60) {
      message.readInt()
      const [username, password] = [message.readString() ?? '', message.readString(0x80) ?? '']
      const sealed = socket instanceof TLSSocket
      binds.push({ username, password, sealed })
      const right = username === options.username && password === options.password
      const code =
        options.needsTls === true && !sealed
          ? codes.strongerAuthRequired
          : right
            ? codes.success
            : codes.invalidCredentials
      socket.write(result(id, 0x61, code, options.refusal))
    } else if (operation === 0x77) {
      if (options.onStartTls === 'drop') {
        socket.destroy()
        return
      }
      if (options.onStartTls === 'silence') {
        socket.off('data', onData)
        socket.write(result(id, 0x78, codes.success))
        return
      }
      socket.write(result(id, 0x78, options.tls === undefined ? codes.unavailable : codes.success))
      if (options.tls === undefined) return
      socket.off('data', onData)
      serve(new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(options.tls) }), options, binds)
    } else if (operation === 0x63) {
      if (message.readString() === '') {
        socket.write(entry(id, '', options.root))
        socket.write(result(id, 0x65, codes.success))
        return
      }
      const found = options.entries[page++]
      if (found !== undefined) socket.write(entry(id, found.dn, found.attributes))
      socket.write(result(id, 0x65, codes.success, '', page < options.entries.length ? 'more' : ''))
    } else socket.end()
  }
  socket.on('error', () => undefined)
  socket.on('data', onData)
}

function entry(id: number, dn: string, attributes: Attributes): Buffer {
  const writer = open(id, 0x64)
  writer.writeString(dn)
  writer.startSequence()
  for (const [name, values] of Object.entries(attributes)) {
    writer.startSequence()
    writer.writeString(name)
    writer.startSequence(0x31)
    for (const value of values) writer.writeString(value)
    writer.endSequence()
    writer.endSequence()
  }
  writer.endSequence()
  return close(writer)
}

/** With `cookie` the control of paged results (RFC 2696); the empty one ends them. */
function result(id: number, operation: number, code: number, message = '', cookie?: string): Buffer {
  const writer = open(id, operation)
  writer.writeEnumeration(code)
  writer.writeString('')
  writer.writeString(message)
  writer.endSequence()
  if (cookie !== undefined) {
    const value = new BerWriter()
    value.startSequence()
    value.writeInt(0)
    value.writeString(cookie)
    value.endSequence()
    writer.startSequence(0xa0)
    writer.startSequence()
    writer.writeString('1.2.840.113556.1.4.319')
    writer.writeBuffer(value.buffer, 0x04)
    writer.endSequence()
    writer.endSequence()
  }
  writer.endSequence()
  return writer.buffer
}

function open(id: number, operation: number): BerWriter {
  const writer = new BerWriter()
  writer.startSequence()
  writer.writeInt(id)
  writer.startSequence(operation)
  return writer
}

function close(writer: BerWriter): Buffer {
  writer.endSequence()
  writer.endSequence()
  return writer.buffer
}
