import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../src/commands/program.js'
import { readInventory } from '../../src/commands/read-input.js'
import { exitCodes } from '../../src/errors.js'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'exroll-inventory-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

async function exroll(...argv: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const exitCode = await runCli({ argv, stdout, stderr, stdin: new PassThrough(), env: {}, cwd: folder })
  const all = (stream: PassThrough): string => String(stream.read() ?? '')
  return { exitCode, stdout: all(stdout), stderr: all(stderr) }
}

function write(text: string | Buffer): void {
  writeFileSync(join(folder, 'inv.yaml'), text)
}

const two = `
credentials: { exadmin: { username: 'CONTOSO\\exadmin', password: { file: secret.txt } } }
defaults: { credential: exadmin }
servers:
  - { name: ex-cas-01, host: h1, roles: [cas, hub], site: London, internet_facing: true }
  - { name: ex-mbx-01, host: '2001:db8::5', roles: [mailbox] }
`

describe('exroll inventory check', () => {
  it('says that nothing is wrong, and how many servers there are', async () => {
    write(two)
    expect(await exroll('inventory', 'check', 'inv.yaml')).toEqual({
      exitCode: 0,
      stdout: `${join(folder, 'inv.yaml')}: 2 servers (cas 1, hub 1, mailbox 1), nothing wrong\n`,
      stderr: '',
    })
    expect((await exroll('inventory', 'check', '-i', 'inv.yaml')).exitCode).toBe(0)
  })

  it('says everything that is wrong and ends with 3', async () => {
    write(`${two}  - { nam: x, host: h1, roles: [cass] }\n`)
    const { exitCode, stdout, stderr } = await exroll('inventory', 'check', 'inv.yaml')
    expect([exitCode, stdout]).toEqual([exitCodes.usage, ''])
    expect(stderr).toContain('inv.yaml has 3 problems')
    expect(stderr).toContain('inv.yaml:7:7: unknown key "nam", did you mean "name"?')
    expect(stderr).toContain('  write: cas')
    expect(stderr).toContain('code INPUT_INVALID')
  })

  it.each([
    ['a file that is not there', ['inventory', 'check', 'none.yaml'], 'INPUT_MISSING'],
    ['a folder', ['inventory', 'check', '.'], 'INPUT_UNREADABLE'],
    ['no file at all', ['inventory', 'check'], 'USAGE'],
    ['two files', ['inventory', 'check', 'a.yaml', '-i', 'b.yaml'], 'USAGE'],
  ])('refuses %s', async (_what, argv, code) => {
    const { exitCode, stderr } = await exroll(...argv)
    expect(exitCode).toBe(exitCodes.usage)
    expect(stderr).toContain(`code ${code}`)
  })

  it('refuses UTF-16, and says how to save it', async () => {
    write(Buffer.from(`\uFEFF${two}`, 'utf16le'))
    expect((await exroll('inventory', 'check', 'inv.yaml')).stderr).toContain('Set-Content -Encoding UTF8')
  })

  it('refuses other encodings and files that are too large', async () => {
    write(Buffer.from([0x61, 0x3a, 0x20, 0xe4, 0x0a]))
    expect((await exroll('inventory', 'check', 'inv.yaml')).stderr).toContain('the file is not UTF-8')
    write(`# ${'x'.repeat(2 ** 20)}\n${two}`)
    expect((await exroll('inventory', 'check', 'inv.yaml')).stderr).toContain('larger than 1 MiB')
  })
})

describe('exroll inventory list', () => {
  it('lists the servers as a table', async () => {
    write(two)
    const { stdout } = await exroll('inventory', 'list', 'inv.yaml')
    expect(stdout.split('\n')).toEqual([
      'name       roles               address           transport  site    cluster  groups',
      'ex-cas-01  cas hub (internet)  h1:22             ssh        London  -        -',
      'ex-mbx-01  mailbox             [2001:db8::5]:22  ssh        -       -        -',
      '',
    ])
  })

  it('lists what a pattern selects as JSON, without a trace of a secret', async () => {
    write(two)
    const { stdout, exitCode } = await exroll('inventory', 'list', 'inv.yaml', '--limit', 'role:cas', '--json')
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toEqual([
      {
        ...{ name: 'ex-cas-01', host: 'h1', port: 22, transport: 'ssh', roles: ['cas', 'hub'], groups: [] },
        ...{ site: 'London', internetFacing: true, cluster: null, credential: 'exadmin' },
      },
    ])
    expect(stdout).not.toContain('secret')
  })

  it('refuses a pattern that selects nothing', async () => {
    write(two)
    const { exitCode, stdout, stderr } = await exroll('inventory', 'list', 'inv.yaml', '--limit', 'ex-cas-1')
    expect([exitCode, stdout]).toEqual([exitCodes.usage, ''])
    expect(stderr).toContain('did you mean "ex-cas-01"')
  })
})

describe('readInventory', () => {
  it("takes relative paths from the inventory's folder, wherever it is called", () => {
    write(two)
    const [server] = readInventory(join(folder, 'inv.yaml')).servers
    expect(server?.credential.password).toEqual({ file: join(folder, 'secret.txt') })
  })
})
