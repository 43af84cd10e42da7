import { isAlias, isMap, isPair, isScalar, isSeq, type Node, parseAllDocuments } from 'yaml'
import { didYouMean } from './near.js'

/** A line of a file with its secrets masked. */
export interface MaskedLine {
  text: string
  /** Where the character at `column` (from 1) of the file's own line stands in `text` (from 1). */
  columnOf(column: number): number
}

interface Range {
  start: number
  end: number
}

const mask = '********'
const secretWords = ['password', 'passphrase', 'passwd', 'secret', 'token', 'webhook']
const secretKey = /passw|passphrase|^pass$|^pw$|^pwd$|secret|token|webhook/i
/** Of a secret's source these say where it is, not what it is. */
const sourceKeys = ['env', 'file', 'vault', 'prompt']

/** Whether what stands under `key` may be a secret. A misspelt `pasword` is one too. */
export function isSecretKey(key: string): boolean {
  return secretKey.test(key) || didYouMean(key, secretWords) !== undefined
}

/** The lines of a YAML text, every value under a key like `password` masked with a fixed number of stars. */
export function maskedLines(text: string): MaskedLine[] {
  const bare = text.replace(/^\uFEFF/, '')
  const ranges = secretRanges(bare)
  let at = 0
  return bare.split('\n').map(line => {
    const start = at
    at += line.length + 1
    const source = line.replace(/\r$/, '')
    const within = ranges
      .map(range => ({ start: Math.max(0, range.start - start), end: Math.min(source.length, range.end - start) }))
      .filter(range => range.start < range.end)
    return maskLine(source, within)
  })
}

function maskLine(source: string, ranges: Range[]): MaskedLine {
  const masked: { range: Range; at: number }[] = []
  let text = ''
  let at = 0
  for (const range of ranges.sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (range.end <= at) continue
    text += source.slice(at, Math.max(at, range.start))
    masked.push({ range: { start: Math.max(at, range.start), end: range.end }, at: text.length })
    text += mask
    at = range.end
  }
  text += source.slice(at)
  return {
    text,
    columnOf(column) {
      const last = masked.filter(({ range }) => range.start <= column - 1).at(-1)
      if (last === undefined) return column
      return column - 1 < last.range.end ? last.at + 1 : column - last.range.end + last.at + mask.length
    },
  }
}

/** Too much to parse again for an error that does not quote it anyway. */
const mostParsed = 2 ** 20

function secretRanges(text: string): Range[] {
  if (text.length > mostParsed) return lineRanges(text)
  try {
    const documents = parseAllDocuments(text, { uniqueKeys: false, logLevel: 'silent' })
    const ranges: Range[] = []
    let broken = false
    for (const document of documents) {
      if (!('contents' in document)) continue
      broken ||= document.errors.length > 0
      collect(document.contents, {
        secret: false,
        ranges,
        resolve: alias => (isAlias(alias) ? alias.resolve(document) : undefined),
      })
    }
    // Where the syntax is broken the tree may have put the secret elsewhere: then the lines are judged by themselves as well.
    return broken ? [...ranges, ...lineRanges(text)] : ranges
  } catch {
    return lineRanges(text)
  }
}

interface Walk {
  secret: boolean
  ranges: Range[]
  resolve: (node: Node) => Node | undefined
}

function collect(node: unknown, walk: Walk): void {
  if (isMap(node)) for (const pair of node.items) collectPair(pair.key, pair.value, walk)
  else if (isSeq(node))
    for (const item of node.items) isPair(item) ? collectPair(item.key, item.value, walk) : collect(item, walk)
  else if (isScalar(node)) {
    const logon = typeof node.value === 'string' && /^[^\s@]*:[^@]+@/.test(node.value)
    if (walk.secret || logon) push(node, walk.ranges)
  } else if (isAlias(node) && walk.secret) {
    push(node, walk.ranges)
    const target = walk.resolve(node)
    if (isScalar(target)) push(target, walk.ranges)
  }
}

function collectPair(key: unknown, value: unknown, walk: Walk): void {
  const word = isScalar(key) ? String(key.value) : ''
  if (walk.secret && sourceKeys.includes(word)) return
  if (walk.secret && word === 'command' && isSeq(value)) {
    // The program may be named, its arguments may be a secret.
    for (const item of value.items.slice(1)) collect(item, walk)
    return
  }
  if (walk.secret && word !== 'command') collect(key, walk)
  collect(value, { ...walk, secret: walk.secret || isSecretKey(word) })
}

function push(node: Node, ranges: Range[]): void {
  if (node.range) ranges.push({ start: node.range[0], end: node.range[1] })
}

/** From a key like `password:` to the end of its line, and the deeper lines that follow where the value goes on there. */
function lineRanges(text: string): Range[] {
  const ranges: Range[] = []
  let at = 0
  let deeperThan: number | undefined
  for (const line of text.split('\n')) {
    const indent = line.search(/\S/)
    if (deeperThan !== undefined && indent >= 0 && indent <= deeperThan) deeperThan = undefined
    const found = [...line.matchAll(/(?<![\w-])(["']?)([\w-]+)\1\s*:(?=\s|$)\s*/g)].find(([, , key]) =>
      isSecretKey(key ?? ''),
    )
    if (deeperThan !== undefined) ranges.push({ start: at + Math.max(0, indent), end: at + line.length })
    else if (found !== undefined) {
      const start = found.index + found[0].length
      if (!/^\{\s*(env|file|vault|prompt)\s*:/.test(line.slice(start))) {
        ranges.push({ start: at + start, end: at + line.length })
        deeperThan = indent
      }
    }
    at += line.length + 1
  }
  return ranges
}
