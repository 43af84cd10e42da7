import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scriptsFolder } from '../../src/scripts/load.js'
import { missingHostReason } from '../powershell-host/host.js'
import { nodes, operators, verbs } from './allowed.js'
import { problemsOf } from './lint.js'
import { type ScriptFacts, scriptFacts } from './script-facts.js'

const reason = missingHostReason()

const filesIn = (folder: string) =>
  readdirSync(join(scriptsFolder, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => /\.ps[dm]?1$/.test(name))
    .sort()
    .map(name => join(scriptsFolder, folder, name))
const hostScript = join(scriptsFolder, 'transport', 'Start-SessionHost.ps1')

/** What Windows PowerShell 5.1 has beyond 2.0, as far as these scripts may use it. */
const since = {
  nodes: [
    'Attribute',
    'AttributedExpression',
    'NamedAttributeArgument',
    'UsingExpression',
    'BaseCtorInvokeMemberExpression',
  ],
  operators: ['-in', '-notin', 'begin', 'process', 'end'],
}
/** Of .NET 2.0 as well, and needed by no other script for servers. ArgumentList is for systems that are not Windows. */
const membersOf2 = new Set(
  'IO.Path::DirectorySeparatorChar Platform FileName Arguments ArgumentList BaseStream BeginRead EndRead BeginWrite EndWrite IsCompleted HasExited'.split(
    ' ',
  ),
)
/** Keys of a hashtable, which look like members. */
const keys = new Set(['wait', 'stream', 'buffer', 'open', 'mark'])

const nodesOf5 = new Set([...nodes, ...since.nodes.map(name => `${name}Ast`)])
const operatorsOf5 = new Set([...operators, ...since.operators])

function problemsOf5({ errors, nodes, operators, types, statics, functions }: ScriptFacts, source: string): string[] {
  const beyondAscii = source.split('\n').findIndex(line => /[^\t\r -~]/.test(line))
  const verbOf = (name: string) => name.split('-')[0] ?? ''
  return [
    ...errors.map(({ line, name }) => `${line}: does not parse: ${name}`),
    ...nodes.filter(({ name }) => !nodesOf5.has(name)).map(({ line, name }) => `${line}: ${name}`),
    ...operators.filter(({ name }) => !operatorsOf5.has(name)).map(({ line, name }) => `${line}: ${name}`),
    ...types.filter(({ known }) => !known).map(({ line, name }) => `${line}: no type ${name}`),
    ...statics
      .filter(({ known, name }) => !known && name !== 'new')
      .map(({ line, type, name }) => `${line}: no ${type}::${name}`),
    ...functions
      .filter(({ name }) => !verbs.has(verbOf(name)) && verbOf(name) !== 'Connect')
      .map(({ line, name }) => `${line}: verb of ${name}`),
    // Windows PowerShell reads a file without a byte order mark in the code page of the machine.
    ...(beyondAscii < 0 ? [] : [`${beyondAscii + 1}: not ASCII`]),
  ]
}

describe.skipIf(reason !== '')(`scripts for the operator's own machine${reason && ` (skipped: ${reason})`}`, () => {
  it('are syntax that Windows PowerShell 5.1 has too, in ASCII, with approved verbs', () => {
    const files = [...filesIn('ExRoll'), ...filesIn('operator'), hostScript]
    const problems = scriptFacts(files).flatMap(facts =>
      problemsOf5(facts, readFileSync(facts.file, 'utf8')).map(
        text => `${relative(scriptsFolder, facts.file)}:${text}`,
      ),
    )
    expect(problems).toEqual([])
    expect(files.length).toBeGreaterThan(15)
  })

  it('run in a session on a server as PowerShell 2.0 does', () => {
    const files = filesIn('transport').filter(file => file !== hostScript)
    const problems = scriptFacts(files).flatMap(facts =>
      problemsOf(facts, readFileSync(facts.file, 'utf8'), new Set())
        .filter(text => {
          const [, member = ''] = /^\d+: (\S+) is a member that is not allowed$/.exec(text) ?? []
          return !membersOf2.has(member) && !keys.has(member)
        })
        .map(text => `${relative(scriptsFolder, facts.file)}:${text}`),
    )
    expect(problems).toEqual([])
  })
})
