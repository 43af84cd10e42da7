/** One command of a line, as cmd.exe splits it. */
export interface SimpleCommand {
  /** First word, without quotes. */
  name: string
  /** What follows the name, as written, without redirections and carets. */
  rest: string
  /** Where streams go: a file path, `nul`, or the other stream. */
  redirects: Redirect[]
}

export interface Redirect {
  stream: 'in' | 'out' | 'error'
  target: { file: string; append: boolean } | 'out' | 'error'
}

/** Commands joined by `|`, and when they run: always, after success (`&&`) or after failure (`||`). */
export interface Pipeline {
  when: 'always' | 'success' | 'failure'
  commands: SimpleCommand[]
}

interface Token {
  text: string
  /** True for `&`, `&&`, `|`, `||`, `<`, `>`, `>>` with an optional stream number, written outside quotes. */
  operator: boolean
}

/**
 * What `cmd /c LINE` runs: where the line begins with a quote, the first and the last quote are taken off, unless they are the only
 * two around the name of a program (`cmd /?`).
 */
export function lineAfterC(line: string): string {
  const text = line.trim()
  const last = text.lastIndexOf('"')
  if (!text.startsWith('"') || last === 0) return line
  const inner = text.slice(1, last)
  const isProgram =
    !/["&<>()@^|]/.test(text.slice(1, last) + text.slice(last + 1)) && /\s.*\.(exe|com|cmd|bat)$/i.test(inner)
  return isProgram ? line : inner + text.slice(last + 1)
}

/** Splits a line by cmd.exe's rules: quotes shield operators, `^` shields the next character outside quotes. */
export function parseLine(line: string): Pipeline[] {
  const pipelines: Pipeline[] = []
  let current: Pipeline = { when: 'always', commands: [] }
  let text = ''
  let redirects: Redirect[] = []
  const endCommand = (): void => {
    if (text.trim() !== '' || redirects.length > 0) current.commands.push({ ...splitName(text), redirects })
    text = ''
    redirects = []
  }
  const endPipeline = (when: Pipeline['when']): void => {
    endCommand()
    if (current.commands.length > 0) pipelines.push(current)
    current = { when, commands: [] }
  }
  const tokens = tokenize(line)
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index]
    if (token === undefined) break
    if (!token.operator) text += token.text
    else if (token.text === '&') endPipeline('always')
    else if (token.text === '&&') endPipeline('success')
    else if (token.text === '||') endPipeline('failure')
    else if (token.text === '|') endCommand()
    else {
      const next = tokens[index + 1]
      const { target, left } = redirectTarget(next === undefined || next.operator ? '' : next.text)
      redirects.push(redirect(token.text, target))
      if (next !== undefined && !next.operator) tokens[index + 1] = { text: left, operator: false }
    }
  }
  endPipeline('always')
  return pipelines
}

/** The words of what follows a command's name; quotes hold words together and are taken off. */
export function words(rest: string): string[] {
  const found: string[] = []
  for (const match of rest.matchAll(/(?:[^\s"]|"[^"]*"?)+/g)) found.push(match[0].replace(/"/g, ''))
  return found
}

function tokenize(line: string): Token[] {
  const tokens: Token[] = []
  let text = ''
  let quoted = false
  const operator = (found: string): void => {
    if (text !== '') tokens.push({ text, operator: false })
    text = ''
    tokens.push({ text: found, operator: true })
  }
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at] ?? ''
    if (char === '"') quoted = !quoted
    if (quoted || char === '"') {
      text += char
    } else if (char === '^') {
      at += 1
      text += line[at] ?? ''
    } else if (char === '&' || char === '|') {
      const double = line[at + 1] === char
      operator(double ? char + char : char)
      if (double) at += 1
    } else if (char === '<') {
      operator('<')
    } else if (char === '>') {
      // `1>` and `2>` name a stream only where the digit stands by itself.
      const stream = /(^|[\s"])([12])$/.exec(text)?.[2] ?? ''
      if (stream !== '') text = text.slice(0, -1)
      const double = line[at + 1] === '>'
      if (double) at += 1
      const toStream = /^&[12]/.exec(line.slice(at + 1))?.[0] ?? ''
      at += toStream.length
      operator(`${stream}${double ? '>>' : '>'}${toStream}`)
    } else {
      text += char
    }
  }
  if (text !== '') tokens.push({ text, operator: false })
  return tokens
}

function redirect(operator: string, file: string): Redirect {
  if (operator === '<') return { stream: 'in', target: { file, append: false } }
  const stream = operator.startsWith('2') ? 'error' : 'out'
  if (operator.endsWith('&1')) return { stream, target: 'out' }
  if (operator.endsWith('&2')) return { stream, target: 'error' }
  return { stream, target: { file, append: operator.includes('>>') } }
}

/** The file after `>`: one word, maybe quoted; the rest of the text belongs to the command. */
function redirectTarget(text: string): { target: string; left: string } {
  const match = /^\s*((?:[^\s"]|"[^"]*"?)+)/.exec(text)
  if (match === null) return { target: '', left: text }
  return { target: (match[1] ?? '').replace(/"/g, ''), left: text.slice(match[0].length) }
}

function splitName(text: string): { name: string; rest: string } {
  const trimmed = text.trimStart()
  // `cd\x`, `echo.` and `dir/b` need no space in between.
  const match = /^(?:"([^"]*)"|(cd|chdir|echo|dir|exit|type|del|md|mkdir)(?=[\\/.:,;=])|([^\s]+))/i.exec(trimmed)
  if (match === null) return { name: '', rest: '' }
  return { name: match[1] ?? match[2] ?? match[3] ?? '', rest: trimmed.slice(match[0].length) }
}
