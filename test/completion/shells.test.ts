import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bashCompletion } from '../../src/completion/bash.js'
import { fishCompletion } from '../../src/completion/fish.js'
import { completionCommands } from '../../src/completion/from-commander.js'
import { powershellCompletion } from '../../src/completion/powershell.js'
import { zshCompletion } from '../../src/completion/zsh.js'

function sample(): Command {
  const program = new Command('exroll').description("the tool's own")
  program
    .command('run')
    .description('carry a playbook out; now')
    .argument('<playbook>')
    .option('-i, --inventory <file>', 'inventory file')
    .option('--limit <pattern>', "only these; it's a pattern")
    .addOption(new Option('--ui <kind>', 'what to show').choices(['auto', 'plain', 'quiet']))
    .option('--yes', 'do not ask')
  const lab = program.command('lab').description('a fleet')
  lab.command('up').option('--servers <n>', 'how many')
  lab.command('state')
  program.command('gone', { hidden: true })
  return program
}

const commands = completionCommands(sample())
const has = (shell: string) => spawnSync(shell, ['--version']).error === undefined
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'exroll-completion-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function script(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

function output(shell: string, args: string[], input?: string): string[] {
  const { stdout, stderr, status } = spawnSync(shell, args, { encoding: 'utf8', cwd: folder, input: input ?? '' })
  if (status !== 0 || stderr !== '') throw new Error(`${shell}: ${stderr}`)
  return stdout.split('\n').filter(line => line !== '')
}

describe('completionCommands', () => {
  it('lists every command that help shows, with its options and what follows them', () => {
    expect(commands.map(({ path }) => path.join(' '))).toEqual(['', 'run', 'lab', 'lab up', 'lab state'])
    const run = commands.find(({ path }) => path.join(' ') === 'run')
    expect(run?.takesFiles).toBe(true)
    expect(run?.options.find(({ flags }) => flags.includes('--ui'))?.value).toEqual({
      kind: 'choices',
      choices: ['auto', 'plain', 'quiet'],
    })
    expect(run?.options.find(({ flags }) => flags.includes('-i'))?.value).toEqual({ kind: 'path' })
  })
})

describe.skipIf(!has('bash'))('bash completion, in bash', () => {
  function complete(...words: string[]): string[] {
    const file = script('exroll.bash', bashCompletion(commands))
    const array = words.map(word => `'${word}'`).join(' ')
    return output('bash', [
      '-c',
      `source ${file}; COMP_WORDS=(exroll ${array}); COMP_CWORD=${words.length}; _exroll; printf '%s\\n' "\${COMPREPLY[@]}"`,
    ])
  }

  it('offers commands, subcommands, options and choices', () => {
    expect(complete('')).toEqual(['run', 'lab'])
    expect(complete('lab', '')).toEqual(['up', 'state'])
    expect(complete('run', '--l')).toEqual(['--limit'])
    expect(complete('run', '--ui', '')).toEqual(['auto', 'plain', 'quiet'])
    expect(complete('lab', 'up', '--s')).toEqual(['--servers'])
  })

  it('offers files where a file goes, and nothing where free text goes', () => {
    writeFileSync(join(folder, 'fleet.yaml'), '')
    expect(complete('run', '-i', 'fle')).toEqual(['fleet.yaml'])
    expect(complete('run', 'fle')).toEqual(['fleet.yaml'])
    expect(complete('run', '--limit', 'fle')).toEqual([])
  })
})

describe.skipIf(!has('zsh'))('zsh completion, in zsh', () => {
  it('is a script that zsh reads, with a function for each command', () => {
    const file = script('_exroll', zshCompletion(commands))
    const names = ['_exroll', '_exroll_run', '_exroll_lab', '_exroll_lab_up']
    const text = `autoload -U compinit; compinit -u -d ${join(folder, 'zcompdump')}; source ${file}; for f in ${names.join(' ')}; do whence -w $f; done; print -r -- "$_comps[exroll]"`
    expect(output('zsh', ['-f', '-c', text])).toEqual([...names.map(name => `${name}: function`), '_exroll'])
  })
})

describe.skipIf(!has('fish'))('fish completion, in fish', () => {
  function complete(line: string): string[] {
    const file = script('exroll.fish', fishCompletion(commands))
    return output('fish', ['--no-config', '-c', `source ${file}; complete -C ${JSON.stringify(line)}`]).map(
      row => row.split('\t')[0] ?? '',
    )
  }

  it('offers commands, subcommands, options and choices', () => {
    expect(complete('exroll ').sort()).toEqual(['lab', 'run'])
    expect(complete('exroll lab ').sort()).toEqual(['state', 'up'])
    expect(complete('exroll run --ui ').sort()).toEqual(['auto', 'plain', 'quiet'])
    expect(complete('exroll run --li')).toEqual(['--limit'])
    expect(complete('exroll run --yes --limit ex-* --ui ').sort()).toEqual(['auto', 'plain', 'quiet'])
  })
})

const pwsh = process.env.EXROLL_PWSH ?? 'pwsh'
describe.skipIf(!has(pwsh))('PowerShell completion, in pwsh', () => {
  function complete(...lines: string[]): string[][] {
    const file = script('exroll.ps1', powershellCompletion(commands))
    const calls = lines.map(
      line =>
        `[Console]::WriteLine((@((TabExpansion2 '${line}' ${line.length}).CompletionMatches | ForEach-Object CompletionText) -join ' '))`,
    )
    return output(pwsh, ['-NoProfile', '-Command', `. '${file}'; ${calls.join('; ')}`]).map(row => row.split(' '))
  }

  it('offers commands, subcommands, options and choices', () => {
    expect(complete('exroll ', 'exroll lab ', 'exroll run --ui ', 'exroll run --li', 'exroll lab up --s')).toEqual([
      expect.arrayContaining(['run', 'lab']),
      expect.arrayContaining(['up', 'state']),
      ['auto', 'plain', 'quiet'],
      ['--limit'],
      ['--servers'],
    ])
  })
})
