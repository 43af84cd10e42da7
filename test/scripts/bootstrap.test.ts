import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callLine } from '../../src/scripts/bootstrap.js'
import { missingHostReason, powershells, runPowerShell } from '../powershell-host/host.js'
import { type ScriptFacts, scriptFacts } from '../ps-scripts/script-facts.js'

const reason = missingHostReason()
const title = (text: string) => (reason === '' ? text : `${text} (skipped: ${reason})`)

const bootstrap = Buffer.from(callLine.split(' ').at(-1) ?? '', 'base64').toString('utf16le')
const withoutLiterals = (text: string) => text.replace(/'(?:[^']|'')*'/g, "''")

/** Syntax, keywords and operators of PowerShell 1.0, as far as anything here needs them. */
const nodesOfOne = new Set(
  `ScriptBlockAst NamedBlockAst StatementBlockAst AssignmentStatementAst IfStatementAst ExitStatementAst PipelineAst CommandExpressionAst
   CommandAst ParenExpressionAst BinaryExpressionAst VariableExpressionAst StringConstantExpressionAst ConstantExpressionAst
   TypeExpressionAst MemberExpressionAst InvokeMemberExpressionAst`.split(/\s+/),
)
const operatorsOfOne = new Set(['=', '-eq', 'if', 'exit', '&'])

/** What of a text PowerShell 1.0 does not have. */
function newerThanOne(facts: ScriptFacts, text: string): string[] {
  return [
    ...facts.errors.map(({ name }) => name),
    ...facts.nodes.map(({ name }) => name).filter(name => !nodesOfOne.has(name)),
    ...facts.operators.map(({ name }) => name).filter(name => !operatorsOfOne.has(name)),
    ...(/@\w/.test(withoutLiterals(text)) ? ['splatting'] : []),
  ]
}

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'exroll-bootstrap-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function newer(text: string): string[] {
  const file = join(folder, 'text.ps1')
  writeFileSync(file, text)
  const [facts] = scriptFacts([file])
  if (facts === undefined) throw new Error('not parsed')
  return newerThanOne(facts, text)
}

describe('the command line of every call', () => {
  it('is ASCII, fits cmd.exe, and holds only its fixed text', () => {
    expect(callLine).toMatch(/^[ -~]+$/)
    expect(callLine.length).toBeLessThan(8191)
    expect(bootstrap).toMatch(/^[\n -~]+$/)
  })

  it.skipIf(reason !== '')(title('parses in PowerShell 1.0 as a whole'), () => {
    expect(newer(bootstrap)).toEqual([])
  })

  it.skipIf(reason !== '').each([
    ['try', 'try { exit 1 } catch { exit 2 }', 'TryStatementAst'],
    ['splatting', "$a='x'\n& ([scriptblock]::Create('1')) @a", 'splatting'],
    ['-join', "$a='x'\n$b=$a -join 'y'", '-join'],
  ])(title('%s would be noticed'), (_, text, what) => {
    expect(newer(text)).toContain(what)
  })

  it.skipIf(reason !== '').each(powershells())(
    'says on $name what has to be installed, and reads nothing, where no variable tells the version',
    async ({ program }) => {
      const one = bootstrap.replaceAll('$PSVersionTable', '$NothingOfThatName')
      const words = [...callLine.split(' ').slice(1, -1), Buffer.from(one, 'utf16le').toString('base64')]
      const { exitCode, stdout } = await runPowerShell(program, words, { stdin: '' })
      expect(exitCode).toBe(1)
      expect(JSON.parse(stdout)).toEqual({
        type: 'result',
        contract: 1,
        ok: false,
        error: {
          code: 'POWERSHELL_VERSION',
          message: 'PowerShell 1.0 is installed, 2.0 is needed',
          hint: expect.stringContaining('KB968930'),
        },
      })
    },
  )
})
