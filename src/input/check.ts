import { safeParse, type z } from 'zod'
import type { InputDocument } from './document.js'
import { didYouMean } from './near.js'
import type { Problem } from './problem.js'
import { examplesAt, keysAt, schemasAt } from './schema-at.js'
import { isSecretKey } from './secret-mask.js'

/**
 * Checks the document's value against a zod schema. `problems` are the document's own followed by one for each issue of the schema at
 * its place; `value` is there when there are none. No message holds a value of the file, as that could be a secret.
 *
 * A schema helps with `.meta({ examples })` (what to write instead), with an `error` of its own (the message), and with custom
 * issues whose `params` have `code`, `instead` and `part: 'key'`.
 */
export function checkDocument<T>(document: InputDocument, schema: z.ZodType<T>): { value?: T; problems: Problem[] } {
  if (document.value === undefined) return { problems: document.problems }
  const result = schema.safeParse(document.value, { error: issue => defaultMessage(issue as RawIssue) })
  const issues = result.success ? [] : withoutEchoes(result.error.issues, schema)
  const found = issues.flatMap(issue => toProblems(issue, { document, schema }))
  const problems = [...document.problems, ...found]
  return result.success && problems.length === 0 ? { value: result.data, problems } : { problems }
}

type RawIssue = z.core.$ZodRawIssue & {
  input?: unknown
  expected?: string
  minimum?: number
  maximum?: number
  origin?: string
}

const names: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  return names[typeof value] ?? typeof value
}

function defaultMessage(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${names[issue.expected ?? ''] ?? issue.expected}, not ${kindOf(issue.input)}`
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`
    case 'too_small':
      if (issue.origin === 'array')
        return `must have ${issue.minimum === 1 ? 'an entry' : `${issue.minimum} entries`} at least`
      return issue.origin === 'string' ? 'must not be empty' : `must be ${issue.minimum} or more`
    case 'too_big':
      if (issue.origin === 'array') return `must have ${issue.maximum} entries at most`
      return issue.origin === 'string'
        ? `must have ${issue.maximum} characters at most`
        : `must be ${issue.maximum} or less`
    case 'invalid_format':
      return 'has the wrong form'
    case 'invalid_union':
      return `must not be ${kindOf(issue.input)}`
    default:
      return undefined
  }
}

/** A misspelt key is one mistake: that the right one is missing, or that the mapping is incomplete, is its echo. */
function withoutEchoes(issues: readonly z.core.$ZodIssue[], schema: z.ZodType): z.core.$ZodIssue[] {
  const meant = new Set<string>()
  const unknown = new Set<string>()
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue
    unknown.add(JSON.stringify(issue.path))
    for (const key of issue.keys) {
      const near = didYouMean(key, keysAt(schema, issue.path))
      if (near !== undefined) meant.add(JSON.stringify([...issue.path, near]))
    }
  }
  return issues.filter(
    ({ code, path }) =>
      !((code === 'invalid_type' || code === 'invalid_value') && meant.has(JSON.stringify(path))) &&
      !(code === 'custom' && unknown.has(JSON.stringify(path))),
  )
}

interface Context {
  document: InputDocument
  schema: z.ZodType
}

type Path = (string | number)[]

function toProblems(issue: z.core.$ZodIssue, context: Context, above: Path = []): Problem[] {
  const path = [...above, ...issue.path.map(step => (typeof step === 'symbol' ? String(step) : step))]
  const { document, schema } = context
  const place = document.at(path)
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map(key => unknownKey(key, path, context))
    case 'invalid_union': {
      const best = bestBranch(issue.errors, valueAt(document.value, path))
      if (best === undefined) break
      return best.flatMap(inner => toProblems(inner, context, path))
    }
    case 'invalid_key':
    case 'invalid_element': {
      const keyPlace = document.at(path, 'key')
      const message = issue.issues[0]?.message ?? issue.message
      return [{ ...keyPlace, code: 'WRONG_VALUE', message: `this key ${message}`, instead: 'another name' }]
    }
    case 'custom': {
      const { code, instead, part } = { ...issue.params } as { code?: string; instead?: string; part?: 'key' }
      const written = instead ?? insteadFor(issue, path, context)
      const at = part === 'key' ? document.at(path, 'key') : place
      return [{ ...at, code: code ?? 'WRONG_VALUE', message: issue.message, instead: written }]
    }
  }
  const last = path.at(-1)
  // Of a choice that is missing zod says that it is none of the values.
  const mayBeMissing = issue.code === 'invalid_type' || issue.code === 'invalid_value'
  if (mayBeMissing && typeof last === 'string' && valueAt(document.value, path) === undefined) {
    return [
      {
        ...place,
        width: 1,
        code: 'MISSING_KEY',
        message: `"${last}" is missing`,
        instead: `${last}: ${example(schema, path) ?? '...'}`,
      },
    ]
  }
  const code = issue.code === 'invalid_type' || issue.code === 'invalid_union' ? 'WRONG_TYPE' : 'WRONG_VALUE'
  const subject = typeof last === 'string' && !hidden(path) ? `${last} ` : ''
  return [{ ...place, code, message: `${subject}${issue.message}`, instead: insteadFor(issue, path, context) }]
}

function unknownKey(key: string, path: Path, { document, schema }: Context): Problem {
  const known = keysAt(schema, path)
  const near = didYouMean(key, known)
  const meant = near === undefined ? '' : `, did you mean "${near}"?`
  const named = hidden(path) ? 'this key is not known' : `unknown key "${key.slice(0, 60)}"`
  const instead = near ?? (known.length === 0 ? 'nothing: leave it out' : `one of: ${known.join(', ')}`)
  return { ...document.at([...path, key], 'key'), code: 'UNKNOWN_KEY', message: `${named}${meant}`, instead }
}

/** Below a key like `password` even a key may be the secret: `password: {hunter2}`. */
function hidden(path: Path): boolean {
  return path.some(step => typeof step === 'string' && isSecretKey(step))
}

/** The branch of a union that the writer most likely meant: of those that take a value of this kind, the one with the fewest issues. */
function bestBranch(branches: readonly z.core.$ZodIssue[][], value: unknown): z.core.$ZodIssue[] | undefined {
  if (value === null || typeof value !== 'object') {
    const fitting = branches.filter(issues => issues.every(issue => issue.code !== 'invalid_type'))
    return fitting.length === 1 ? fitting[0] : undefined
  }
  const fitting = branches.filter(issues =>
    issues.every(({ code, path }) => code !== 'invalid_type' || path.length > 0),
  )
  return fitting.toSorted((a, b) => a.length - b.length)[0]
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value
  for (const step of path) {
    if (at === null || typeof at !== 'object' || !Object.hasOwn(at, step)) return undefined
    at = (at as Record<string | number, unknown>)[step]
  }
  return at
}

function insteadFor(issue: z.core.$ZodIssue, path: Path, { document, schema }: Context): string {
  const value = valueAt(document.value, path)
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String)
    return (typeof value === 'string' ? didYouMean(value, values) : undefined) ?? values.join(' | ')
  }
  if (issue.code === 'invalid_type' && !hidden(path)) {
    const fits = schemasAt(schema, path).some(inner => safeParse(inner, String(value)).success)
    if (issue.expected === 'string' && fits) return `it in quotes: '${value}'`
    if (issue.expected === 'boolean' && typeof value === 'string') return asBoolean(value)
    if (issue.expected === 'array' && typeof value === 'string') return `[${value}]`
  }
  return example(schema, path) ?? plainInstead(issue)
}

function asBoolean(word: string): string {
  if (/^(yes|y|on|true)$/i.test(word)) return 'true'
  return /^(no|n|off|false)$/i.test(word) ? 'false' : 'true | false'
}

function example(schema: z.ZodType, path: Path): string | undefined {
  const examples = examplesAt(schema, path)
  return examples.length === 0 ? undefined : examples.map(inFlow).join(' | ')
}

function inFlow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inFlow).join(', ')}]`
  if (value === null || typeof value !== 'object') return String(value)
  const entries = Object.entries(value).map(([key, inner]) => `${key}: ${inFlow(inner)}`)
  return `{ ${entries.join(', ')} }`
}

function plainInstead(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `${names[issue.expected] ?? issue.expected}`
    case 'too_small':
      return issue.origin === 'number' || issue.origin === 'int' ? `${issue.minimum} or more` : 'at least one'
    case 'too_big':
      return issue.origin === 'number' || issue.origin === 'int' ? `${issue.maximum} or less` : 'less'
    default:
      return 'another value'
  }
}
