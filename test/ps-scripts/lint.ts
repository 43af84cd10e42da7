import { cmdlets, deniedVariables, members, nodes, operators, statics, types, verbs } from './allowed.js'
import type { ScriptFacts } from './script-facts.js'

/** What is wrong with a script: `line: what`. `functions` are those that its text has besides its own. */
export function problemsOf(facts: ScriptFacts, source: string, functions: ReadonlySet<string>): string[] {
  const own = new Set([...functions, ...facts.functions.map(({ name }) => name)].map(lower))
  const found: [number, string][] = [
    ...facts.errors.map(({ name, line }): [number, string] => [line, `does not parse: ${name}`]),
    ...notAscii(source),
    ...facts.commands.flatMap(command => commandProblems(command, own)),
    ...facts.functions
      .filter(({ name }) => !isVerbNoun(name))
      .map(({ name, line }): [number, string] => [line, `${name} is no approved Verb-Noun`]),
    ...outside(facts.nodes, nodes, 'is syntax that 2.0 does not have'),
    ...outside(facts.operators, operators, 'is an operator or keyword that 2.0 does not have'),
    ...outside(facts.types, types, 'is a type that is not allowed'),
    ...facts.types
      .filter(({ known }) => !known)
      .map(({ name, line }): [number, string] => [line, `${name} is a type that .NET 10 does not have`]),
    ...facts.statics.flatMap(staticProblems),
    ...outside(
      facts.members.map(({ name, line }) => ({ name: name.replace(/^get_/, ''), line })),
      members,
      'is a member that is not allowed',
    ),
    ...facts.variables
      .filter(({ name }) => deniedVariables.has(lower(name)) || /^(using|workflow):/i.test(name))
      .map(({ name, line }): [number, string] => [line, `$${name} is a variable that 2.0 does not have`]),
    ...facts.bareLoops.map(({ line }): [number, string] => [
      line,
      'foreach over a command without @(): 2.0 runs the body once for nothing',
    ]),
    ...scriptRoots(facts, source),
  ]
  return [...new Set(found.sort(([one], [other]) => one - other).map(([line, text]) => `${line}: ${text}`))]
}

function outside(
  uses: { name: string; line: number }[],
  allowed: ReadonlySet<string>,
  what: string,
): [number, string][] {
  return uses.filter(({ name }) => !allowed.has(name)).map(({ name, line }) => [line, `${name} ${what}`])
}

function commandProblems(command: ScriptFacts['commands'][number], own: ReadonlySet<string>): [number, string][] {
  const { name, line, invoked, block } = command
  if (invoked === 'Dot') return []
  if (name === '') return invoked === 'Ampersand' ? [] : [[line, 'a command without a name']]
  if (own.has(lower(name))) return []
  if (!cmdlets.has(name)) return [[line, `${name} is no function of ours and no Core cmdlet`]]
  return block ? [] : [[line, `${name} without a script block is syntax that 2.0 does not have`]]
}

function staticProblems({ type, name, line, known }: ScriptFacts['statics'][number]): [number, string][] {
  const whole = `${type}::${name}`
  if (!statics.has(whole)) return [[line, `${whole} is a member that is not allowed`]]
  return known ? [] : [[line, `${whole} is a member that .NET 10 does not have`]]
}

function notAscii(source: string): [number, string][] {
  return source
    .split('\n')
    .flatMap((text, index): [number, string][] => (/[^\t\r -~]/.test(text) ? [[index + 1, 'is not ASCII']] : []))
}

/** The loader puts files in the place of dot-source lines; anywhere else 2.0 has no $PSScriptRoot. */
function scriptRoots({ variables }: ScriptFacts, source: string): [number, string][] {
  const lines = source.split(/\r?\n/)
  return variables
    .filter(
      ({ name, line }) =>
        lower(name) === 'psscriptroot' && !/^\. "\$PSScriptRoot\\[\w.\\-]+\.ps1"$/.test(lines[line - 1] ?? ''),
    )
    .map(({ line }) => [line, '$PSScriptRoot outside a dot-source line'])
}

function isVerbNoun(name: string): boolean {
  const [verb = '', noun = '', more] = name.split('-')
  return verbs.has(verb) && /^[A-Z0-9][A-Za-z0-9]+$/.test(noun) && more === undefined
}

function lower(text: string): string {
  return text.toLowerCase()
}
