import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basicLogon } from '../../../src/transport/winrm/auth/basic.js'
import { Channel } from '../../../src/transport/winrm/channel/channel.js'
import { ChannelPool } from '../../../src/transport/winrm/channel/channel-pool.js'
import { WsmanClient } from '../../../src/transport/winrm/wsman/client.js'

export interface Answer {
  /** Default 200. */
  status?: number
  /** Default that of SOAP. */
  type?: string
  body: string | Buffer
}

export interface Asked {
  /** The last part of the action: `Receive`. */
  action: string
  /** All of it. */
  actionUri: string
  messageId: string
  text: string
}

export interface Answering {
  client: WsmanClient
  port: number
  /** What the client sent, in order. */
  requests: string[]
  close(): Promise<void>
}

/** A client, and over real HTTP a service in front of it that says what `answer` makes of each request. */
export async function startAnswering(
  answer: (asked: Asked) => Answer,
  operationTimeoutMs = 20_000,
): Promise<Answering> {
  const requests: string[] = []
  const server = createServer((incoming, outgoing) => {
    const pieces: Buffer[] = []
    incoming.on('data', piece => pieces.push(piece))
    incoming.on('end', () => {
      const text = Buffer.concat(pieces).toString('utf8')
      requests.push(text)
      const actionUri = actionOf(text) ?? ''
      const action = actionUri.slice(actionUri.lastIndexOf('/') + 1)
      const messageId = /<(\w+):MessageID[^>]*>([^<]+)</.exec(text)?.[2] ?? ''
      const {
        status = 200,
        type = 'application/soap+xml;charset=UTF-8',
        body,
      } = answer({
        action,
        actionUri,
        messageId,
        text,
      })
      outgoing.writeHead(status, { 'Content-Type': type })
      outgoing.end(body)
    })
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const where = `127.0.0.1:${port}`
  const method = basicLogon({ username: 'vagrant', password: 'vagrant' })
  const target = { host: '127.0.0.1', port, path: '/wsman', timeoutMs: 5000, username: 'vagrant', credentialName: 'x' }
  const pool = new ChannelPool(signal => Channel.open({ ...target, method, clearText: true }, signal))
  return {
    client: new WsmanClient({ pool, url: `http://${where}/wsman`, where, operationTimeoutMs }),
    port,
    requests,
    async close() {
      pool.close()
      await new Promise(done => server.close(done))
    },
  }
}

export function actionOf(text: string): string | undefined {
  return /:Action[^>]*>([^<]*)</.exec(text)?.[1]
}
