import { DOMParser, type Element, onErrorStopParsing } from '@xmldom/xmldom'
import { fromBase64 } from './base64.js'
import { longTextOf, takeLongText } from './long-text.js'
import { namespaces, type Prefix } from './names.js'
import { shapeProblem } from './shape.js'

/** An answer as far as every operation needs it. */
export interface Envelope {
  action: string
  relatesTo: string | undefined
  /** The elements in the body. */
  body: readonly Element[]
}

/** Text that is no SOAP envelope. */
export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError'
}

/** The long texts of a tree, by its document. */
const longTexts = new WeakMap<object, readonly Buffer[]>()

/** Reads an envelope by namespace, whatever its prefixes are. Throws `EnvelopeError`, also for a shape that no answer has (`shapeProblem`). */
export function readEnvelope(message: Buffer | string): Envelope {
  const { header, body } = openEnvelope(message)
  return {
    action: (header === undefined ? undefined : textOf(child(header, 'a', 'Action'))) ?? '',
    relatesTo: header === undefined ? undefined : textOf(child(header, 'a', 'RelatesTo')),
    body: elementsOf(body),
  }
}

/** The two parts of an envelope. `message` has to stay as it is while they are used. Throws `EnvelopeError`, as `readEnvelope` does. */
export function openEnvelope(message: Buffer | string): { header: Element | undefined; body: Element } {
  const { text, taken } = takeLongText(typeof message === 'string' ? Buffer.from(message) : message)
  const problem = shapeProblem(text)
  if (problem !== undefined) throw new EnvelopeError(problem)
  const root = parse(text)
  if (taken.length > 0 && root.ownerDocument !== null) longTexts.set(root.ownerDocument, taken)
  if (!is(root, 's', 'Envelope')) throw new EnvelopeError('it is no SOAP 1.2 envelope')
  const body = child(root, 's', 'Body')
  if (body === undefined) throw new EnvelopeError('it has no body')
  return { header: child(root, 's', 'Header'), body }
}

/** The first child element of that name. */
export function child(parent: Element, prefix: Prefix, name: string): Element | undefined {
  return elementsOf(parent).find(element => is(element, prefix, name))
}

export function children(parent: Element, prefix: Prefix, name: string): Element[] {
  return elementsOf(parent).filter(element => is(element, prefix, name))
}

/** The first one of that name, at any depth. */
export function descendant(parent: Element, prefix: Prefix, name: string): Element | undefined {
  return parent.getElementsByTagNameNS(namespaces[prefix], name)[0]
}

export function is(element: Element, prefix: Prefix, name: string): boolean {
  return element.localName === name && element.namespaceURI === namespaces[prefix]
}

export function textOf(element: Element | undefined): string | undefined {
  const text = element?.textContent
  if (element === undefined || typeof text !== 'string') return undefined
  // A parser makes one line feed of every end of a line (XML 1.0 2.11).
  const long = longIn(element, text)?.toString('utf8').replace(/\r\n?/g, '\n')
  return (long ?? text).trim()
}

/** The bytes that the base64 in an element stands for; undefined when it is none. */
export function bytesOf(element: Element): Buffer | undefined {
  const text = element.textContent ?? ''
  return fromBase64(longIn(element, text) ?? text)
}

function longIn({ ownerDocument }: Element, text: string): Buffer | undefined {
  return ownerDocument === null ? undefined : longTextOf(text, longTexts.get(ownerDocument) ?? [])
}

export function elementsOf(parent: Element): Element[] {
  return [...parent.childNodes].filter((node): node is Element => node.nodeType === node.ELEMENT_NODE)
}

function parse(text: string): Element {
  try {
    // Windows sends no byte order mark, other servers may.
    const source = text.replace(/^\uFEFF/, '')
    const document = new DOMParser({ locator: false, onError: onErrorStopParsing }).parseFromString(source, 'text/xml')
    if (document.documentElement === null) throw new EnvelopeError('it is empty')
    return document.documentElement
  } catch (error) {
    if (error instanceof EnvelopeError) throw error
    throw new EnvelopeError('it is not well-formed XML')
  }
}
