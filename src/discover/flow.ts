import { Document, isCollection } from 'yaml'

/** A value on one line of YAML, as a person would write it: `{ name: ex-cas-01, roles: [cas] }`. */
export function inFlow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inFlow).join(', ')}]`
  if (value === null || typeof value !== 'object') return scalar(value)
  const pairs = Object.entries(value).map(([key, inner]) => `${scalar(key)}: ${inFlow(inner)}`)
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`
}

/** Quoted where YAML needs it within brackets, which is where it may end up. */
function scalar(value: unknown): string {
  const document = new Document([value])
  if (isCollection(document.contents)) document.contents.flow = true
  return document.toString({ lineWidth: 0, singleQuote: true }).trimEnd().slice('[ '.length, -' ]'.length)
}
