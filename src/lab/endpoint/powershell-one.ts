import type { ExecChannel } from '../model.js'

/** Words of the parser and of command discovery in 1.0. */
const unknownToken = 'Unrecognized token in source text.'
const notRecognized = (term: string): string =>
  `The term '${term}' is not recognized as a cmdlet, function, operable program, or script file. Verify the term and try again.`

const literal = "'((?:[^']|'')*)'"
const assignment = new RegExp(`^\\$(\\w+)\\s*=\\s*${literal}`)
const print = new RegExp(`^\\[Console\\]::Out\\.WriteLine\\(${literal}\\)`, 'i')
const ifNull = /^if\s*\(\s*\$(\w+)\s+-eq\s+\$null\s*\)\s*\{/i
const exit = /^exit\s+(\d+)/i

/** Nothing that a script could catch: the text ends here. */
class ScriptStopped extends Error {}

/**
 * Plays powershell.exe of Windows PowerShell 1.0 with an `-EncodedCommand`, as far as what exroll sends uses its language: literals,
 * `if` over a variable that is not there, a line of output, `exit`. Splatting does not parse there, and `try` is a command that nobody
 * has; whatever else it is given ends as an error on stderr and exit code 1. Returns the exit code.
 */
export function playPowerShellOne({ line, stdout, stderr }: Pick<ExecChannel, 'line' | 'stdout' | 'stderr'>): number {
  const encoded = /-EncodedCommand\s+([A-Za-z0-9+/]+=*)\s*$/i.exec(line)?.[1] ?? ''
  const text = Buffer.from(encoded, 'base64').toString('utf16le')
  try {
    if (/@\w/.test(withoutLiterals(text))) throw new ScriptStopped(unknownToken)
    return run(text, stdout)
  } catch (error) {
    if (!(error instanceof ScriptStopped)) throw error
    stderr(`${error.message}\r\n`)
    return 1
  }
}

function run(text: string, stdout: ExecChannel['stdout']): number {
  const variables = new Map<string, string>()
  let rest = text
  const take = (pattern: RegExp): string[] | undefined => {
    const found = pattern.exec(rest)
    if (found === null) return undefined
    rest = rest.slice(found[0].length)
    return found.slice(1)
  }
  for (;;) {
    take(/^[\s;}]+/)
    if (rest === '') return 0
    const assigned = take(assignment)
    if (assigned !== undefined) {
      variables.set((assigned[0] ?? '').toLowerCase(), unquoted(assigned[1]))
      continue
    }
    const printed = take(print)
    if (printed !== undefined) {
      stdout(`${unquoted(printed[0])}\r\n`)
      continue
    }
    const ended = take(exit)
    if (ended !== undefined) return Number(ended[0])
    const tested = take(ifNull)
    if (tested === undefined) throw new ScriptStopped(notRecognized(/^\S+/.exec(rest)?.[0] ?? rest))
    if (variables.has((tested[0] ?? '').toLowerCase())) rest = afterBlock(rest)
  }
}

function unquoted(text: string | undefined): string {
  return (text ?? '').replaceAll("''", "'")
}

function withoutLiterals(text: string): string {
  return text.replace(/'(?:[^']|'')*'/g, "''")
}

/** What follows the brace that closes the block the text is in. */
function afterBlock(text: string): string {
  const parts = /'(?:[^']|'')*'|[{}]/g
  let depth = 1
  for (let found = parts.exec(text); found !== null; found = parts.exec(text)) {
    if (found[0] === '{') depth += 1
    if (found[0] === '}') depth -= 1
    if (depth === 0) return text.slice(parts.lastIndex)
  }
  throw new ScriptStopped("Missing closing '}' in statement block.")
}
