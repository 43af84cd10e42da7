import { execFileSync } from 'node:child_process'
import { powershellHost } from '../powershell-host/host.js'

interface Use {
  name: string
  line: number
}

/** The type as written, empty when there is none. */
type Parameter = Use & { type: string }

/** What one script uses, as PowerShell's own parser sees it (test/powershell-host/ScriptFacts.cs). */
export interface ScriptFacts {
  file: string
  errors: Use[]
  /** Of the script's own `param()`. */
  parameters: Parameter[]
  functions: (Use & { parameters: Parameter[] })[]
  /** `name` is empty for `& $block`; `block`: its one argument is a script block. */
  commands: (Use & { invoked: string; parameters: string[]; block: boolean })[]
  /** `known`: the .NET that runs the tests has it. */
  types: (Use & { known: boolean })[]
  statics: (Use & { type: string; known: boolean })[]
  members: Use[]
  nodes: Use[]
  operators: Use[]
  variables: Use[]
  /** `foreach` straight over what a command returns. */
  bareLoops: Use[]
}

/** Parses the files. Throws where there is no PowerShell host. */
export function scriptFacts(files: readonly string[]): ScriptFacts[] {
  const host = powershellHost()
  if (host === undefined) throw new Error('no PowerShell host')
  return JSON.parse(execFileSync(host, ['--parse', ...files], { encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 }))
}
