import { base64Length, writeBase64 } from './base64.js'
import { anonymous, namespaces, type Prefix } from './names.js'

/** An element of a message: `rsp:Shell` with attributes, and text or elements in it. */
export interface XmlElement {
  name: `${Prefix}:${string}`
  /** An attribute's own prefix is one of `namespaces`, or `xml`. */
  attributes?: Readonly<Record<string, string>>
  /** Bytes are written as base64. */
  content?: string | Uint8Array | readonly XmlElement[]
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

/** An envelope as it will be written, in UTF-8: its bytes stand nowhere yet, so that they can be put where they are needed. */
export class EnvelopeText {
  readonly bytes: number
  readonly #pieces: readonly (string | Uint8Array)[]

  /** Bytes among the pieces are written as base64. */
  constructor(pieces: readonly (string | Uint8Array)[]) {
    this.#pieces = pieces
    this.bytes = pieces.reduce((sum, piece) => sum + lengthOf(piece), 0)
  }

  /** Fills `target`, which has to have `bytes` bytes. */
  writeTo(target: Buffer): void {
    let at = 0
    for (const piece of this.#pieces) {
      if (typeof piece === 'string') target.write(piece, at)
      else writeBase64(piece, target, at)
      at += lengthOf(piece)
    }
  }

  toBuffer(): Buffer {
    const bytes = Buffer.allocUnsafe(this.bytes)
    this.writeTo(bytes)
    return bytes
  }

  toString(): string {
    return this.toBuffer().toString('utf8')
  }
}

function lengthOf(piece: string | Uint8Array): number {
  return typeof piece === 'string' ? Buffer.byteLength(piece) : base64Length(piece.length)
}

/** A whole request. `body` = the one element in its body. */
export function writeEnvelope(header: RequestHeader, body?: XmlElement): EnvelopeText {
  return envelopeText(headerElements(header), body === undefined ? [] : [body])
}

/** An envelope with these elements in its header and body. Written as text: a tree of half a megabyte is slow to make. */
export function envelopeText(header: readonly XmlElement[], body: readonly XmlElement[]): EnvelopeText {
  const prefixes = new Set<Prefix>(['s', 'a', 'w', 'p', 'rsp'])
  const inner = new PieceList()
  append(inner, prefixes, { name: 's:Header', content: header })
  append(inner, prefixes, { name: 's:Body', content: body })
  const declarations = [...prefixes].map(prefix => ` xmlns:${prefix}="${namespaces[prefix]}"`).join('')
  return new EnvelopeText([`<s:Envelope${declarations}>`, ...inner.end(), '</s:Envelope>'])
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

/** Text that grows, and bytes in between. */
class PieceList {
  readonly #pieces: (string | Uint8Array)[] = []
  #text = ''

  add(text: string): void {
    this.#text += text
  }

  addBytes(bytes: Uint8Array): void {
    this.#pieces.push(this.#text, bytes)
    this.#text = ''
  }

  end(): readonly (string | Uint8Array)[] {
    return [...this.#pieces, this.#text]
  }
}

/** Puts an element behind `pieces`, and what prefixes it has into `prefixes`. */
function append(pieces: PieceList, prefixes: Set<Prefix>, { name, attributes = {}, content = '' }: XmlElement): void {
  prefixes.add(prefixOf(name))
  pieces.add(`<${name}`)
  for (const [key, value] of Object.entries(attributes)) {
    if (key.includes(':') && !key.startsWith('xml:')) prefixes.add(prefixOf(key))
    pieces.add(` ${key}="${escapedValue(value)}"`)
  }
  pieces.add('>')
  if (typeof content === 'string') pieces.add(escapedText(content))
  else if (content instanceof Uint8Array) pieces.addBytes(content)
  else for (const child of content as readonly XmlElement[]) append(pieces, prefixes, child)
  pieces.add(`</${name}>`)
}

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

/** A parser makes a line feed of a carriage return that is not written as a reference (XML 1.0 2.11). */
function escapedText(text: string): string {
  return text.replace(/[&<>\r]/g, found => references[found] ?? found)
}

/** In double quotes; a parser makes a space of white space that is not written as a reference (XML 1.0 3.3.3). */
function escapedValue(text: string): string {
  return text.replace(/[&<>"\t\n\r]/g, found => references[found] ?? found)
}

function prefixOf(name: string): Prefix {
  const prefix = name.slice(0, name.indexOf(':'))
  if (!Object.hasOwn(namespaces, prefix)) throw new Error(`no namespace for ${name}`)
  return prefix as Prefix
}
