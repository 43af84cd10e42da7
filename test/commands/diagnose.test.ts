import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../src/commands/program.js'
import type { Explanation } from '../../src/diagnosis/explain.js'
import type { Diagnosis } from '../../src/diagnosis/finding.js'
import { frame, serviceScriptFailed, utf8, utf16 } from '../diagnosis/log-bytes.js'

const succeeded = utf16([...frame, 'MSI (s) (DC:C8) [06:51:07:002]: MainEngineThread is returning 0'])

describe('exroll diagnose', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'exroll-diagnose-'))
    writeFileSync(join(folder, 'KB952580.log'), utf16(serviceScriptFailed))
    writeFileSync(join(folder, 'good.log'), succeeded)
  })
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  async function exroll(...argv: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
    const [stdout, stderr, stdin] = [new PassThrough(), new PassThrough(), new PassThrough()]
    stdin.end(utf16(serviceScriptFailed))
    const exitCode = await runCli({ argv: ['diagnose', ...argv], stdout, stderr, stdin, env: {}, cwd: folder })
    return { exitCode, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') }
  }
  const json = async (...argv: string[]): Promise<Diagnosis> =>
    JSON.parse((await exroll('--json', ...argv)).stdout) as Diagnosis

  it('says the verdict in the first line, what to do, and exits with 2', async () => {
    const { exitCode, stdout, stderr } = await exroll('KB952580.log')
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: '' })
    expect(stdout).toMatch(/^failed: /)
    expect(stdout).toContain('CA_SAVEDATA_STOP_SERVICES')
    expect(stdout).toContain('1. ')
    expect(stdout).toContain('message-property')
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  it('exits with 0 when no log shows a failure', async () => {
    expect(await exroll('good.log')).toMatchObject({ exitCode: 0, stdout: /^no failure\n/ })
  })

  it('prints the diagnosis as one JSON object, with the path as it was named', async () => {
    const diagnosis = await json('KB952580.log')
    expect(diagnosis).toMatchObject({
      schema: 'exroll.diagnosis/1',
      files: [
        { path: 'KB952580.log', kind: 'msi', encoding: 'utf-16le', attempts: [{ outcome: 'failed', exitCode: 1603 }] },
      ],
    })
  })

  it('reads the logs of a folder and of those below it, in the order of their names, each once, and nothing else', async () => {
    const below = join(folder, 'servers', 'ex-mbx-01')
    mkdirSync(below, { recursive: true })
    writeFileSync(join(below, 'diagnosis.json'), JSON.stringify(serviceScriptFailed))
    writeFileSync(join(below, 'a.LOG'), succeeded)
    if (process.platform !== 'win32') symlinkSync('..', join(below, 'up'))
    const { files } = await json('.', 'good.log', join(folder, 'KB952580.log'))
    expect(files.map(({ path }) => path)).toEqual(['KB952580.log', 'good.log', join('servers', 'ex-mbx-01', 'a.LOG')])
  })

  it('lets no escape of a log reach the terminal', async () => {
    writeFileSync(
      join(folder, 'odd.log'),
      utf8(
        serviceScriptFailed.map(line =>
          line.replace('CAQuietExec Failed', '\u001b]0;owned\u0007\u001b[2J').replace('CA_SAVE', '\u001b[31mCA_SAVE'),
        ),
      ),
    )
    const { stdout } = await exroll('odd.log')
    expect(stdout).toContain('CA_SAVE')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there is none is the point
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
  })

  it('reads standard input', async () => {
    const { exitCode, stdout } = await exroll('-')
    expect(exitCode).toBe(2)
    expect(stdout).toContain('standard input: msi, utf-16le')
  })

  it('lets none through as JSON either, and it is still the same JSON', async () => {
    const odd = 'CAQuietExec:  Error 0x80070001: \u009b31m\u202etxt'
    writeFileSync(
      join(folder, 'odd.log'),
      utf8(serviceScriptFailed.map(line => (line.includes('Command line returned') ? odd : line))),
    )
    const { stdout } = await exroll('--json', 'odd.log')
    expect(stdout).not.toMatch(/[\u007f-\u009f\u202e]/)
    const evidence = (JSON.parse(stdout) as Diagnosis).files[0]?.attempts[0]?.causes[0]?.evidence
    expect(evidence?.map(({ text }) => text)).toContain(odd)
  })

  it('exits with 3 when there is nothing in the files that it can read, and still says what it saw', async () => {
    writeFileSync(join(folder, 'letter.txt'), 'To whom it may concern: the update failed.\n')
    expect(await exroll('letter.txt')).toMatchObject({ exitCode: 3, stdout: /^unreadable: [\s\S]*letter\.txt/ })
    expect((await json('letter.txt')).files).toMatchObject([{ kind: 'unknown', attempts: [] }])
  })

  it('names everything that it cannot read at once, and reads nothing then', async () => {
    writeFileSync(join(folder, 'case.zip'), 'PK')
    writeFileSync(join(folder, 'logs.cab'), 'MSCF')
    mkdirSync(join(folder, 'empty'))
    const { exitCode, stdout, stderr } = await exroll(
      'KB952580.log',
      'nope-*.log',
      'case.zip',
      'logs.cab',
      'empty',
      'app.evtx',
    )
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' })
    expect(stderr).toContain('nope-*.log: there is no such file')
    expect(stderr).toContain('case.zip: it is no .zip file')
    expect(stderr).toContain('logs.cab: .cab files are not read. Unpack it')
    expect(stderr).toContain('empty: no log is in it')
    expect(stderr).toContain('app.evtx: there is no such file')
    expect(stderr).toContain('LOG_UNREADABLE')
  })

  it.each([
    [['nope.log'], 'LOG_MISSING'],
    [[], 'USAGE'],
    [['good.log', '--bogus'], 'USAGE'],
  ])('refuses %j with 3 and %s', async (argv, code) => {
    const { exitCode, stdout, stderr } = await exroll(...argv)
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' })
    expect(stderr).toContain(code)
  })

  it('lists what it knows, and explains each of it', async () => {
    const { stdout } = await exroll('--rules')
    const known = JSON.parse((await exroll('--rules', '--json')).stdout) as Explanation[]
    expect(known.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['unknown', 'error-2826', 'execution-policy', 'missing-cached-patch', 'not-elevated']),
    )
    for (const { id, title } of known) {
      expect(stdout).toContain(`  ${id}: `)
      const page = await exroll('--explain', id)
      expect(page.exitCode).toBe(0)
      expect(page.stdout.replace(/\s+/g, ' ')).toContain(`${id}: ${title}`.replace(/\s+/g, ' '))
    }
  })

  it('says what was meant by a misspelt id', async () => {
    expect(await exroll('--explain', 'eror-2826')).toMatchObject({ exitCode: 3, stderr: /did you mean "error-2826"\?/ })
  })
})
