import { createHash } from 'node:crypto'
import { callLine } from './bootstrap.js'
import { type ParameterType, type ScriptArguments, type ScriptName, scriptParameters } from './catalog.js'
import { type LoadedScript, type LoadOptions, loadScript } from './load.js'

/** A call ready to be sent: the command line, what goes on its stdin, and the hash of the script in it. */
export interface EncodedCall {
  /** Fixed; ASCII, under 8,191 characters. */
  line: string
  /** ASCII lines ended by LF (catalog.ts says which). */
  stdin: string
  /** Lower-case hex of the script's text. */
  sha256: string
}

/** A call as the far end reads it. */
export type DecodedCall = {
  [N in ScriptName]: { name: N; sha256: string; scriptText: string; args: ScriptArguments<N> }
}[ScriptName]

const first = 'exroll/1'
const scriptLines = new WeakMap<LoadedScript, string>()

/**
 * Writes a call in its wire form. Values travel as base64 of UTF-8, so any text gets through unquoted; a lone surrogate, which
 * UTF-8 cannot hold, arrives as U+FFFD. Throws on an argument that is missing, unknown or not a whole number.
 */
export function encodeCall<N extends ScriptName>(
  name: N,
  args: ScriptArguments<N>,
  options: LoadOptions = {},
): EncodedCall {
  const script = loadScript(name, options)
  const parameters: Record<string, ParameterType> = scriptParameters[name]
  const values = new Map<string, unknown>(Object.entries(args))
  for (const key of values.keys())
    if (!Object.hasOwn(parameters, key)) throw new Error(`${name} has no argument ${key}`)
  const lines = [`${first} ${name}`, `sha256 ${script.sha256}`, scriptLine(script)]
  for (const [key, type] of Object.entries(parameters)) {
    if (!values.has(key)) throw new Error(`${name} needs the argument ${key}`)
    for (const text of wireTexts(`${name} ${key}`, type, values.get(key))) lines.push(`arg ${key} ${toBase64(text)}`)
  }
  return { line: callLine, stdin: `${lines.join('\n')}\nend\n`, sha256: script.sha256 }
}

/** Reads a call back (the lab's side). Throws with the reason on any damage: missing end, wrong hash, unknown name or argument. */
export function decodeCall(text: string): DecodedCall {
  const lines = text.split(/\r?\n/)
  const name = /^exroll\/1 ([\w-]+)$/.exec(lines[0] ?? '')?.[1]
  if (name === undefined) throw new Error('not an exroll call')
  if (!isScriptName(name)) throw new Error(`no script is called ${name}`)
  const parameters: Record<string, ParameterType> = scriptParameters[name]
  const texts = new Map<string, string[]>(Object.keys(parameters).map(key => [key, []]))
  let sha256: string | undefined
  let script: string | undefined
  let ended = false
  for (const line of lines.slice(1)) {
    if (ended) {
      if (line !== '') throw new Error('the call goes on after its end')
      continue
    }
    const [word, value = '', rest = ''] = line.split(' ')
    if (word === 'sha256') sha256 = value
    else if (word === 'script') script = fromBase64(value)
    else if (word === 'end') ended = true
    else if (word === 'arg') {
      const values = texts.get(value)
      if (values === undefined) throw new Error(`${name} has no argument ${value}`)
      values.push(fromBase64(rest))
    } else throw new Error('a line of the call is not known')
  }
  if (!ended || script === undefined) throw new Error('the call ends early')
  if (createHash('sha256').update(script, 'utf8').digest('hex') !== sha256) {
    throw new Error('the script was changed on its way')
  }
  const args = Object.fromEntries(
    Object.entries(parameters).map(([key, type]) => [key, typed(`${name} ${key}`, type, texts.get(key) ?? [])]),
  )
  return { name, sha256, scriptText: script, args } as DecodedCall
}

function scriptLine(script: LoadedScript): string {
  let line = scriptLines.get(script)
  if (line === undefined) {
    line = `script ${toBase64(script.text)}`
    scriptLines.set(script, line)
  }
  return line
}

function wireTexts(what: string, type: ParameterType, value: unknown): string[] {
  if (type === 'strings' && Array.isArray(value) && value.every(item => typeof item === 'string')) return value
  if (type === 'string' && typeof value === 'string') return [value]
  if (type === 'flag' && typeof value === 'boolean') return [value ? '1' : '0']
  if (type === 'int' && Number.isSafeInteger(value)) return [String(value)]
  throw new Error(`${what} must be ${type}`)
}

function typed(what: string, type: ParameterType, texts: string[]): string | number | boolean | string[] {
  if (type === 'strings') return texts
  const [text] = texts
  if (text === undefined || texts.length > 1) throw new Error(`${what} must be there once`)
  if (type === 'string') return text
  if (type === 'flag' && /^[01]$/.test(text)) return text === '1'
  if (type === 'int' && /^-?\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text)
  throw new Error(`${what} must be ${type}`)
}

function isScriptName(name: string): name is ScriptName {
  return Object.hasOwn(scriptParameters, name)
}

function toBase64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}

function fromBase64(text: string): string {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) throw new Error('a value of the call is damaged')
  return bytes.toString('utf8')
}
