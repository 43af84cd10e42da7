import { isMap, isScalar, isSeq, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'
import { inFlow } from './flow.js'
import { columnOf, endOfLine, lineBreak, type TextEdit } from './text-edit.js'

/** Undefined where a change would touch what is not its own: comments, anchors, aliases. Such a place is left to its author. */
export type Edits = TextEdit[] | undefined

/** What makes `key` of a server's mapping stand for `value`, and changes nothing else of the text. */
export function setKey(source: string, server: YAMLMap, key: string, value: unknown): Edits {
  const pair = pairOf(server, key)
  if (pair === undefined) return addKey(source, server, key, value)
  const { value: node } = pair
  if (isSeq(node) && !node.flow && isTextList(value)) return editList(source, node, value)
  if (!(isScalar(node) || isMap(node) || isSeq(node)) || node.anchor !== undefined || !node.range) return undefined
  const [start] = node.range
  const end = start + source.slice(start, node.range[1]).trimEnd().length
  if (/(^|\s)#/.test(source.slice(start, end)) || /[|>]/.test(source.charAt(start))) return undefined
  return [{ start, end, text: inFlow(value) }]
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find(pair => isScalar(pair.key) && pair.key.value === key)
}

/** A new key goes behind `host`, which every server has, on one line. */
function addKey(source: string, server: YAMLMap, key: string, value: unknown): Edits {
  const host = pairOf(server, 'host')
  if (host === undefined || !isScalar(host.key) || !host.key.range || !isScalar(host.value) || !host.value.range)
    return undefined
  const [start, end] = host.value.range
  if (source.slice(start, end).includes('\n') || /[|>]/.test(source.charAt(start))) return undefined
  const text = `${key}: ${inFlow(value)}`
  if (server.flow) return [{ start: end, end, text: `, ${text}` }]
  const place = endOfLine(source, end)
  return [
    { start: place, end: place, text: `${lineBreak(source)}${' '.repeat(columnOf(source, host.key.range[0]))}${text}` },
  ]
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(one => typeof one === 'string')
}

/** Items that are no longer wanted go with their lines, new ones follow the last; the lines of the others stay. */
function editList(source: string, list: YAMLSeq, wanted: readonly string[]): Edits {
  const nodes = list.items.filter(isScalar)
  const last = nodes.at(-1)
  if (nodes.length !== list.items.length || !list.range || !last?.range) return undefined
  const edits: TextEdit[] = []
  for (const { value, range, anchor } of nodes) {
    if (wanted.includes(String(value))) continue
    if (!range || anchor !== undefined) return undefined
    const lineStart = source.lastIndexOf('\n', range[0]) + 1
    // Two items on a line, or one on the line of the key, are not a list that lines can leave.
    if (!/^\s*-\s+$/.test(source.slice(lineStart, range[0])) || lineStart === 0) return undefined
    edits.push({ start: lineStart - lineBreak(source).length, end: endOfLine(source, range[1]), text: '' })
  }
  const indent = `${lineBreak(source)}${' '.repeat(columnOf(source, list.range[0]))}- `
  const place = endOfLine(source, last.range[1])
  const added = wanted.filter(role => !nodes.some(({ value }) => value === role))
  return [...edits, { start: place, end: place, text: added.map(role => `${indent}${inFlow(role)}`).join('') }]
}
