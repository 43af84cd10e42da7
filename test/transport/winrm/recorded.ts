import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { DOMParser, type Element } from '@xmldom/xmldom'
import { parse } from 'yaml'
import { type Answering, actionOf, startAnswering } from './answering.js'

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

/** Plays Windows' side over real HTTP: each request gets the next recorded answer to its action, related to it. */
export function replay(messages: readonly RecordedMessage[], operationTimeoutMs?: number): Promise<Answering> {
  const left = [...messages]
  return startAnswering(({ actionUri, messageId }) => {
    const at = left.findIndex(({ request }) => actionOf(request) === actionUri)
    const [message] = at < 0 ? [] : left.splice(at, 1)
    if (message === undefined) return { status: 500, body: '' }
    return {
      status: message.transport_error?.code ?? 200,
      body: message.response.replace(/(<a:RelatesTo>)[^<]*/, `$1${messageId}`),
    }
  }, operationTimeoutMs)
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
