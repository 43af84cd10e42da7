import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ParameterType, type ScriptName, scriptParameters } from '../../src/scripts/catalog.js'
import { loadGuardScript, loadJobScript, loadScript, scriptsFolder } from '../../src/scripts/load.js'
import { missingHostReason } from '../powershell-host/host.js'
import { problemsOf } from './lint.js'
import { type ScriptFacts, scriptFacts } from './script-facts.js'

const reason = missingHostReason()
const title = (text: string) => (reason === '' ? text : `${text} (skipped: ${reason})`)

/** What goes to servers. */
const folders = ['server', 'job', 'shared', 'windows', 'winrm']
const files = readdirSync(scriptsFolder, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ps1') && folders.includes(name.split(sep)[0] ?? ''))
  .sort()
  .map(name => join(scriptsFolder, name))
const names = Object.keys(scriptParameters) as ScriptName[]
const typeNames: Record<ParameterType, string> = { string: 'string', int: 'long', flag: 'int', strings: 'string[]' }

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'exroll-lint-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function factsOf(texts: Record<string, string>): Map<string, ScriptFacts> {
  const paths = Object.entries(texts).map(([name, text]) => {
    const path = join(folder, `${name}.ps1`)
    writeFileSync(path, text)
    return path
  })
  return new Map(scriptFacts(paths).map(facts => [relative(folder, facts.file).replace(/\.ps1$/, ''), facts]))
}

describe.skipIf(reason !== '')(title('every script for servers'), () => {
  it('parses and uses only what PowerShell 2.0, .NET 2.0 and the Core cmdlets have', () => {
    const all = scriptFacts(files)
    const functions = new Set(all.flatMap(facts => facts.functions.map(({ name }) => name)))
    const problems = all.flatMap(facts =>
      problemsOf(facts, readFileSync(facts.file, 'utf8'), functions).map(
        text => `${relative(scriptsFolder, facts.file)}:${text}`,
      ),
    )
    expect(problems).toEqual([])
  })

  it('carries every function that it calls, each once', () => {
    const texts: Record<string, string> = {
      ...Object.fromEntries(names.map(name => [name, loadScript(name).text])),
      job: loadJobScript().text,
      guard: loadGuardScript().text,
    }
    for (const [name, facts] of factsOf(texts)) {
      const problems = problemsOf(facts, '', new Set())
      expect({ name, problems }).toEqual({ name, problems: [] })
      const twice = facts.functions.map(({ name }) => name).filter((one, index, all) => all.indexOf(one) !== index)
      expect({ name, twice }).toEqual({ name, twice: [] })
      expect(texts[name]).not.toContain('PSScriptRoot')
    }
  })

  it.each(names)('%s has the typed parameters that the catalog says', name => {
    const [facts] = scriptFacts([join(scriptsFolder, 'server', `${name}.ps1`)])
    const written = facts?.parameters.map(({ name, type }) => [name, type])
    expect(written).toEqual(
      Object.entries(scriptParameters[name]).map(([key, type]) => [key, typeNames[type as ParameterType]]),
    )
  })

  it('stops at the first error', () => {
    for (const text of [...names.map(name => loadScript(name).text), loadJobScript().text, loadGuardScript().text]) {
      expect(text).toMatch(/^\$ErrorActionPreference = 'Stop'$/m)
    }
  })
})

/** A line that must be refused, and the words of the refusal. */
const refused: [string, string, string][] = [
  ['a syntax error', 'if (', 'does not parse'],
  ['text that is not ASCII', "$x = 'caf\u00e9'", 'is not ASCII'],
  ['a cmdlet outside Core', 'Start-Sleep -Seconds 1', 'Start-Sleep is no function of ours'],
  ['an alias', '@(1) | % { $_ }', '% is no function of ours'],
  ['a program by name', 'sc.exe query', 'sc.exe is no function of ours'],
  ['simplified Where-Object', '@(1) | Where-Object Length -eq 1', 'without a script block'],
  ['a verb that is not approved', 'function Delete-Thing { }', 'no approved Verb-Noun'],
  ['a class', 'class Thing { }', 'TypeDefinitionAst is syntax'],
  [
    'a parameter attribute',
    'function Get-Thing { param([Parameter(Mandatory = $true)][string]$Name) $Name }',
    'AttributeAst is syntax',
  ],
  ['a ternary', '$x = $true ? 1 : 2', 'TernaryExpressionAst is syntax'],
  ['a pipeline chain', 'Get-Thing && Get-Thing', 'PipelineChainAst is syntax'],
  ['-in', '$x = 1 -in @(1)', '-in is an operator'],
  ['-shl', '$x = 1 -shl 2', '-shl is an operator'],
  ['??', '$x = $null ?? 1', '?? is an operator'],
  ['?.', '$x = @(1)?.Length', '?. is an operator'],
  ['[pscustomobject]', "$x = [pscustomobject]@{ 'a' = 1 }", 'pscustomobject is a type'],
  ['[ordered]', "$x = [ordered]@{ 'a' = 1 }", 'ordered is a type'],
  ['a type of a later .NET', '$x = [Collections.Concurrent.ConcurrentQueue[int]]', 'is a type that is not allowed'],
  [
    'a static member of a later .NET',
    "$x = [string]::IsNullOrWhiteSpace('')",
    'string::IsNullOrWhiteSpace is a member',
  ],
  [
    'a static member that .NET 10 lost',
    '$x = [IO.Directory]::SetAccessControl',
    'IO.Directory::SetAccessControl is a member',
  ],
  ['::new', '$x = [Text.StringBuilder]::new()', 'Text.StringBuilder::new is a member'],
  ['a member of a later engine', '@(1).ForEach({ $_ })', 'ForEach is a member'],
  ['a member of a later .NET', '$x = $service.StartType', 'StartType is a member'],
  ['a computed member', '$x = $y.$z', '(computed) is a member'],
  ['$PSItem', '@(1) | ForEach-Object { $PSItem }', '$PSItem is a variable'],
  ['$using:', '$x = $using:y', 'UsingExpressionAst is syntax'],
  ['$PSScriptRoot in the text', '$x = $PSScriptRoot', '$PSScriptRoot outside'],
  ['a bare foreach over a command', 'foreach ($x in Get-Thing) { $x }', 'foreach over a command'],
  ['a redirected stream of 3.0', 'Get-Thing 3>&1', '3>&1 is an operator'],
]

describe.skipIf(reason !== '')(title('the lint refuses'), () => {
  let facts = new Map<string, ScriptFacts>()
  beforeAll(() => {
    facts = factsOf(Object.fromEntries(refused.map(([, text], index) => [`refused-${index}`, text])))
  })

  it.each(refused.map((row, index) => [...row, index] as const))('%s', (_, text, words, index) => {
    const found = facts.get(`refused-${index}`)
    if (found === undefined) throw new Error('not parsed')
    expect(problemsOf(found, text, new Set(['Get-Thing'])).join('\n')).toContain(words)
  })

  it('nothing in a script that keeps to the rules', () => {
    const text = "foreach ($x in @(Get-Thing | Where-Object { $_ -ne 1 })) { [void][IO.File]::Exists('x') }"
    const found = factsOf({ good: text }).get('good')
    if (found === undefined) throw new Error('not parsed')
    expect(problemsOf(found, text, new Set(['Get-Thing']))).toEqual([])
  })
})
