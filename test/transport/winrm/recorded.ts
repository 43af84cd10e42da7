import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { DOMParser, type Element } from '@xmldom/xmldom'
import { parse } from 'yaml'
import { basicLogon } from '../../../src/transport/winrm/auth/basic.js'
import { Channel } from '../../../src/transport/winrm/http/channel.js'
import { ChannelPool } from '../../../src/transport/winrm/http/channel-pool.js'
import { WsmanClient } from '../../../src/transport/winrm/wsman/client.js'

/** Where the recordings are: beside the clone, never in it. */
export const recordedFolder = resolve(import.meta.dirname, '../../../../shared/winrm-traffic')
export const hasRecorded = existsSync(recordedFolder)

export interface RecordedMessage {
  request: string
  response: string
  transport_error?: { code: number }
}

export function recorded(name: string): RecordedMessage[] {
  return parse(readFileSync(resolve(recordedFolder, `${name}.yml`), 'utf8')).messages
}

export function recordedNames(): string[] {
  return hasRecorded
    ? readdirSync(recordedFolder)
        .filter(name => name.endsWith('.yml'))
        .map(name => name.slice(0, -'.yml'.length))
    : []
}

export interface Replay {
  client: WsmanClient
  /** What the client sent, in order. */
  requests: string[]
  close(): Promise<void>
}

/** Plays Windows' side over real HTTP: each request gets the next recorded answer to its action, related to it. */
export async function replay(messages: readonly RecordedMessage[], operationTimeoutMs = 20_000): Promise<Replay> {
  const requests: string[] = []
  const left = [...messages]
  const server = createServer((incoming, outgoing) => {
    const pieces: Buffer[] = []
    incoming.on('data', piece => pieces.push(piece))
    incoming.on('end', () => {
      const text = Buffer.concat(pieces).toString('utf8')
      requests.push(text)
      const at = left.findIndex(({ request }) => actionOf(request) === actionOf(text))
      const [message] = at < 0 ? [] : left.splice(at, 1)
      const id = /<(\w+):MessageID[^>]*>([^<]+)</.exec(text)?.[2] ?? ''
      const answer = message?.response.replace(/(<a:RelatesTo>)[^<]*/, `$1${id}`) ?? ''
      outgoing.writeHead(message === undefined ? 500 : (message.transport_error?.code ?? 200), {
        'Content-Type': 'application/soap+xml;charset=UTF-8',
      })
      outgoing.end(answer)
    })
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const method = basicLogon({ username: 'vagrant', password: 'vagrant' })
  const target = { host: '127.0.0.1', port, path: '/wsman', timeoutMs: 5000, username: 'vagrant', credentialName: 'x' }
  const pool = new ChannelPool(signal => Channel.open({ ...target, method, clearText: true }, signal))
  return {
    client: new WsmanClient({
      pool,
      url: `http://127.0.0.1:${port}/wsman`,
      where: `127.0.0.1:${port}`,
      operationTimeoutMs,
    }),
    requests,
    async close() {
      pool.close()
      await new Promise(done => server.close(done))
    },
  }
}

function actionOf(text: string): string | undefined {
  return /:Action[^>]*>([^<]*)</.exec(text)?.[1]
}

/** What a message says: names by namespace, ids that differ from run to run blanked, order of elements aside. */
export function meaning(text: string): unknown {
  const root = new DOMParser().parseFromString(text, 'text/xml').documentElement
  if (root === null) throw new Error('no document')
  return meaningOf(root)
}

const differing = ['MessageID', 'SessionId', 'To']

function meaningOf(element: Element): unknown {
  const children = [...element.childNodes].filter((node): node is Element => node.nodeType === node.ELEMENT_NODE)
  const attributes = [...element.attributes]
    .filter(({ name }) => name !== 'xmlns' && !name.startsWith('xmlns:'))
    .map(({ namespaceURI, localName, value }) => [`${namespaceURI ?? ''}#${localName}`, booleanWord(value)] as const)
    // An xs:boolean that is not there is false.
    .filter(([name, value]) => !(name === '#End' && value === 'false'))
    .sort(([a], [b]) => a.localeCompare(b))
  return {
    name: `${element.namespaceURI}#${element.localName}`,
    attributes: Object.fromEntries(attributes),
    ...(children.length === 0
      ? { text: differing.includes(element.localName ?? '') ? 'differs' : element.textContent }
      : {
          children: children.map(meaningOf).sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
        }),
  }
}

function booleanWord(value: string): string {
  return /^(true|false)$/i.test(value) ? value.toLowerCase() : value
}
