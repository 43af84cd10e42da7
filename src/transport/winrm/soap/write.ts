import { DOMImplementation, type Document, type Element, XMLSerializer } from '@xmldom/xmldom'
import { anonymous, namespaces, type Prefix } from './names.js'

/** An element of a message: `rsp:Shell` with attributes, and text or elements in it. */
export interface XmlElement {
  name: `${Prefix}:${string}`
  /** An attribute's own prefix is one of `namespaces`, or `xml`. */
  attributes?: Readonly<Record<string, string>>
  content?: string | readonly XmlElement[]
}

/** What the header of a request says (MS-WSMV 2.2.4, DSP0226 5 to 9). */
export interface RequestHeader {
  action: string
  resourceUri: string
  /** URL of the listener. */
  to: string
  /** `uuid:...` */
  messageId: string
  /** `uuid:...`, the same for all messages of a session. */
  sessionId: string
  /** Bytes that an answer may have. */
  maxEnvelopeSize: number
  /** Milliseconds after which the server answers whatever it has. */
  operationTimeoutMs: number
  /** The same for the whole life of a shell. */
  locale?: string
  selectors?: Readonly<Record<string, string>>
  options?: readonly RequestOption[]
}

export interface RequestOption {
  name: string
  value: string
  /** The server has to refuse the request when it does not know the option. */
  mustComply?: boolean
}

/** A whole request. `body` = the one element in its body. */
export function writeEnvelope(header: RequestHeader, body?: XmlElement): string {
  return envelopeText(headerElements(header), body === undefined ? [] : [body])
}

/** An envelope with these elements in its header and body. */
export function envelopeText(header: readonly XmlElement[], body: readonly XmlElement[]): string {
  const document = new DOMImplementation().createDocument(namespaces.s, 's:Envelope', null)
  const envelope = document.documentElement
  if (envelope === null) throw new Error('a document without an element')
  for (const prefix of ['a', 'w', 'p', 'rsp'] as const) {
    envelope.setAttributeNS('http://www.w3.org/2000/xmlns/', `xmlns:${prefix}`, namespaces[prefix])
  }
  append(document, envelope, { name: 's:Header', content: header })
  append(document, envelope, { name: 's:Body', content: body })
  return new XMLSerializer().serializeToString(document)
}

/** `PT20S`, with milliseconds where there are any (XML Schema duration). */
export function durationText(ms: number): string {
  return `PT${Number((ms / 1000).toFixed(3))}S`
}

function headerElements(header: RequestHeader): XmlElement[] {
  const { selectors = {}, options = [], locale = 'en-US' } = header
  const must = { 's:mustUnderstand': 'true' }
  const language = { 's:mustUnderstand': 'false', 'xml:lang': locale }
  const elements: XmlElement[] = [
    { name: 'a:To', content: header.to },
    {
      name: 'a:ReplyTo',
      content: [{ name: 'a:Address', attributes: must, content: anonymous }],
    },
    { name: 'a:Action', attributes: must, content: header.action },
    { name: 'a:MessageID', content: header.messageId },
    { name: 'w:ResourceURI', attributes: must, content: header.resourceUri },
    { name: 'w:MaxEnvelopeSize', attributes: must, content: String(header.maxEnvelopeSize) },
    { name: 'w:OperationTimeout', content: durationText(header.operationTimeoutMs) },
    { name: 'w:Locale', attributes: language },
    { name: 'p:DataLocale', attributes: language },
    { name: 'p:SessionId', attributes: { 's:mustUnderstand': 'false' }, content: header.sessionId },
  ]
  if (Object.keys(selectors).length > 0) {
    const content = Object.entries(selectors).map(
      ([name, value]): XmlElement => ({ name: 'w:Selector', attributes: { Name: name }, content: value }),
    )
    elements.push({ name: 'w:SelectorSet', content })
  }
  if (options.length > 0) {
    elements.push({ name: 'w:OptionSet', attributes: must, content: options.map(optionElement) })
  }
  return elements
}

function optionElement({ name, value, mustComply }: RequestOption): XmlElement {
  const attributes = { Name: name, ...(mustComply === true && { MustComply: 'true' }) }
  return { name: 'w:Option', attributes, content: value }
}

function append(document: Document, parent: Element, { name, attributes = {}, content = '' }: XmlElement): void {
  const element = document.createElementNS(namespaceOf(name), name)
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('xml:')) element.setAttributeNS('http://www.w3.org/XML/1998/namespace', key, value)
    else if (key.includes(':')) element.setAttributeNS(namespaceOf(key), key, value)
    else element.setAttribute(key, value)
  }
  if (typeof content !== 'string') for (const child of content) append(document, element, child)
  else if (content !== '') element.appendChild(document.createTextNode(content))
  parent.appendChild(element)
}

function namespaceOf(name: string): string {
  const prefix = name.slice(0, name.indexOf(':'))
  if (!Object.hasOwn(namespaces, prefix)) throw new Error(`no namespace for ${name}`)
  return namespaces[prefix as Prefix]
}
