import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  type YAMLError,
  type YAMLWarning,
} from 'yaml'
import type { Problem, Source } from './problem.js'
import { syntaxProblem } from './syntax-problem.js'

export interface Place {
  line: number
  column: number
  width: number
  /** The text it is a place of where that is not the file itself. */
  source?: Source
}

/** A YAML file as a plain value, with the place of everything in it. */
export interface InputDocument {
  file: string
  text: string
  /** Undefined when the text could not be read. */
  value: unknown
  /** Where `path` stands; of a path that is not there, where its nearest parent stands. */
  at(path: readonly (string | number)[], part?: 'key' | 'value'): Place
  problems: Problem[]
}

/** Far more than 500 servers need; a larger file is a mistake or an attack. */
export const mostBytes = 2 ** 20

/** Aliases that expand to more nodes than this are an attack ("billion laughs"), not a fleet. */
const mostAliases = 100

/**
 * YAML 1.2 text to a plain value with positions. Never throws: syntax errors, duplicate keys, several documents, alias bombs,
 * more than 1 MiB, an empty file, anything but a mapping and keys that are not text are `problems`, all of them.
 */
export function readDocument(file: string, text: string): InputDocument {
  const bare = text.replace(/^\uFEFF/, '')
  const unread = (problem: Omit<Problem, 'line' | 'column' | 'width'>): InputDocument => ({
    ...{ file, text: bare, value: undefined, at: () => ({ line: 1, column: 1, width: 1 }) },
    problems: [{ line: 1, column: 1, width: 1, ...problem }],
  })
  if (Buffer.byteLength(bare) > mostBytes) {
    const message = `the file is larger than 1 MiB (${Buffer.byteLength(bare)} bytes)`
    return unread({ code: 'TOO_LARGE', message, instead: 'a file that lists servers or steps only' })
  }
  try {
    return (
      parse(file, bare) ?? unread({ code: 'EMPTY', message: 'the file is empty', instead: 'a mapping: key: value' })
    )
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return unread({ code: 'TOO_DEEP', message: 'the file is nested too deeply', instead: 'fewer levels of brackets' })
  }
}

function parse(file: string, text: string): InputDocument | undefined {
  const counter = new LineCounter()
  const parsed = parseAllDocuments(text, { lineCounter: counter, prettyErrors: false, logLevel: 'silent' })
  const documents: Document[] = 'empty' in parsed ? [] : [...parsed]
  const [document, second] = documents
  if (document === undefined || (second === undefined && isBlank(document))) return undefined

  const problems: Problem[] = []
  const place = (start: number, end: number): Place => placeOf(text, counter, start, end)
  const add = (code: string, node: Node | null | undefined, message: string, instead: string): void => {
    problems.push({ ...nodePlace(node, place), code, message, instead })
  }
  for (const { errors, warnings } of documents) {
    // What else is said of a text that was given up half way is noise.
    const told = errors.some(isExhausted) ? errors.filter(isExhausted) : [...errors, ...warnings]
    for (const error of told) {
      const start = isUnclosedQuote(error) ? openingQuote(document.contents) : undefined
      problems.push(syntaxProblem(error, start === undefined ? place(...error.pos) : place(start, start + 1)))
    }
  }
  if (second !== undefined) {
    const start = second.contents?.range?.[0] ?? second.range?.[0] ?? 0
    const found = { code: 'SEVERAL_DOCUMENTS', message: 'the file holds more than one document' }
    problems.push({ ...place(start, start + 1), ...found, instead: 'one document: leave out the --- between them' })
  }
  if (!isMap(document.contents) && problems.length === 0) {
    add('NOT_A_MAPPING', document.contents, 'the file must be a mapping', 'key: value, one a line')
  }
  for (const key of oddKeys(document.contents)) {
    add('KEY_NOT_TEXT', key, 'a key must be text', "the key in quotes: 'key': value")
  }
  const readable = isMap(document.contents) && problems.every(({ code }) => harmless.includes(code))
  const value = readable ? toValue(document, add) : undefined
  return { file, text, value, at: (path, part = 'value') => find(document, path, part, place), problems }
}

function isExhausted({ code }: YAMLError): boolean {
  return code === 'RESOURCE_EXHAUSTION'
}

function isUnclosedQuote({ message }: YAMLError | YAMLWarning): boolean {
  return /Missing closing ['"]quote/.test(message)
}

/** An open quote swallows the rest of the file, so it is the last one: where it opens says more than where the file ends. */
function openingQuote(root: unknown): number | undefined {
  let start: number | undefined
  for (const node of nodes(root)) {
    if (isScalar(node) && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE')) start = node.range?.[0]
  }
  return start
}

/** With these the rest can still be checked. */
const harmless = ['DUPLICATE_KEY', 'KEY_NOT_TEXT', 'SEVERAL_DOCUMENTS']

function isBlank({ contents, errors }: Document): boolean {
  return errors.length === 0 && (contents === null || (isScalar(contents) && contents.value === null))
}

type Add = (code: string, node: Node | null | undefined, message: string, instead: string) => void

function toValue(document: Document, add: Add): unknown {
  const looped = loops(document)
  for (const alias of looped)
    add('ALIAS_LOOP', alias, 'an alias stands inside what it stands for', 'the values themselves')
  const unset = unsetAliases(document)
  for (const alias of unset) {
    add(
      'ALIAS_UNKNOWN',
      alias,
      'an alias names an anchor that is not there',
      "text that starts with * in quotes: '*...'",
    )
  }
  if (looped.length > 0 || unset.length > 0) return undefined
  try {
    return document.toJS({ maxAliasCount: mostAliases })
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error
    add('ALIAS_BOMB', firstAlias(document.contents), 'aliases expand to too much', 'the values themselves')
    return undefined
  }
}

function* children(node: unknown): Generator<unknown> {
  if (isMap(node)) for (const { key, value } of node.items) yield* [key, value]
  else if (isSeq(node)) yield* node.items
}

function* nodes(node: unknown): Generator<unknown> {
  yield node
  for (const child of children(node)) yield* nodes(child)
}

function* oddKeys(root: unknown): Generator<Node> {
  for (const node of nodes(root)) {
    if (!isMap(node)) continue
    for (const { key } of node.items) if (!(isScalar(key) && typeof key.value === 'string') && isNode(key)) yield key
  }
}

function unsetAliases(document: Document): Node[] {
  const anchors = new Set<string>()
  const unset: Node[] = []
  for (const node of nodes(document.contents)) {
    if (isAlias(node)) {
      if (!anchors.has(node.source)) unset.push(node)
    } else if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined) anchors.add(node.anchor)
  }
  return unset
}

function firstAlias(root: unknown): Node | undefined {
  for (const node of nodes(root)) if (isAlias(node)) return node
  return undefined
}

/** Aliases within the very node that they name. */
function loops({ contents }: Document): Node[] {
  const found: Node[] = []
  const visit = (node: unknown, open: readonly string[]): void => {
    if (isAlias(node)) {
      if (open.includes(node.source)) found.push(node)
      return
    }
    const anchor = isMap(node) || isSeq(node) ? node.anchor : undefined
    for (const child of children(node)) visit(child, anchor === undefined ? open : [...open, anchor])
  }
  visit(contents, [])
  return found
}

type PlaceOf = (start: number, end: number) => Place

function find(document: Document, path: readonly (string | number)[], part: 'key' | 'value', place: PlaceOf): Place {
  let node: unknown = document.contents
  let pair: Pair | undefined
  for (const step of path) {
    const inner: unknown = isAlias(node) ? node.resolve(document) : node
    if (isMap(inner)) {
      // Of a key that is there twice the value is that of the later one.
      const next: Pair | undefined = inner.items.findLast(
        ({ key }) => isScalar(key) && String(key.value) === String(step),
      )
      if (next === undefined) break
      pair = next
      // The place of a value that is not written is that of its key.
      node = isNode(next.value) && next.value.range && next.value.range[1] > next.value.range[0] ? next.value : next.key
    } else if (isSeq(inner)) {
      const next: unknown = inner.items[Number(step)]
      if (next === undefined) break
      pair = undefined
      node = next
    } else break
  }
  return nodePlace(part === 'key' && pair !== undefined ? pair.key : node, place)
}

function nodePlace(node: unknown, place: PlaceOf): Place {
  const range = isNode(node) ? node.range : undefined
  return range ? place(range[0], range[1]) : { line: 1, column: 1, width: 1 }
}

/** Of what goes over several lines, the first is underlined. */
function placeOf(text: string, counter: LineCounter, start: number, end: number): Place {
  const at = Math.max(0, Math.min(start, text.length))
  const { line, col } = counter.linePos(at)
  const firstLine = text.slice(at, Math.max(at, end)).split(/\r?\n/, 1)[0] ?? ''
  return { line: Math.max(1, line), column: Math.max(1, col), width: Math.max(1, firstLine.trimEnd().length) }
}
