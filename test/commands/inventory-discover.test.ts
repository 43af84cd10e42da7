import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../src/commands/program.js'
import { readInventory } from '../../src/commands/read-input.js'
import { exitCodes } from '../../src/errors.js'
import { startResponder } from '../discover/ldap-responder.js'
import { missingPwsh } from '../powershell/missing-pwsh.js'

const reason = missingPwsh()

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'exroll-discover-'))
  writeFileSync(join(folder, 'hosts.ini'), ansible)
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const ansible = `
[edge]
ex-edge-01 ansible_host=192.0.2.25
[exchange_cas]
ex-cas-[01:02]
[exchange_mailbox]
ex-mbx-01 dag=DAG1
[exchange_cas:vars]
site=London
[web]
www1
[all:vars]
ansible_user=CONTOSO\\exadmin
ansible_password=S3cret
`

const fleet = `# our fleet
defaults: { credential: exadmin }
credentials:
  exadmin: { username: 'CONTOSO\\exadmin', password: { env: EXROLL_PASSWORD } } # from the vault
servers:
  - { name: ex-cas-01, host: ex-cas-01.contoso.com,   roles: [hub] } # the old one
  - { name: ex-old-01, host: ex-old-01, roles: [um] }
`

interface Answer {
  exitCode: number
  stdout: string
  stderr: string
}

/** With `answer` there is a terminal, on which somebody types it. */
async function exroll(
  argv: string[],
  { env = {}, answer }: { env?: NodeJS.ProcessEnv; answer?: string } = {},
): Promise<Answer> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  if (answer !== undefined) {
    Object.assign(stdin, { isTTY: true })
    stdin.write(answer)
  }
  const exitCode = await runCli({ argv: ['inventory', 'discover', ...argv], stdout, stderr, stdin, env, cwd: folder })
  const all = (stream: PassThrough): string => String(stream.read() ?? '')
  return { exitCode, stdout: all(stdout), stderr: all(stderr) }
}

function inFolder(name: string, text?: string): string {
  const file = join(folder, name)
  if (text !== undefined) writeFileSync(file, text)
  return file
}

describe('exroll inventory discover --ansible', () => {
  it('prints an inventory that is right as it stands, with no secret in it', async () => {
    const { exitCode, stdout, stderr } = await exroll(['--ansible', 'hosts.ini'])
    expect(exitCode).toBe(0)
    const { servers } = readInventory(inFolder('new.yaml', stdout))
    expect(
      servers.map(({ name, host, roles, site, cluster, transport }) => ({
        name,
        host,
        roles,
        site,
        cluster,
        transport,
      })),
    ).toEqual([
      {
        name: 'ex-edge-01',
        host: '192.0.2.25',
        roles: ['edge'],
        site: undefined,
        cluster: undefined,
        transport: 'ssh',
      },
      { name: 'ex-cas-01', host: 'ex-cas-01', roles: ['cas'], site: 'London', cluster: undefined, transport: 'ssh' },
      { name: 'ex-cas-02', host: 'ex-cas-02', roles: ['cas'], site: 'London', cluster: undefined, transport: 'ssh' },
      {
        name: 'ex-mbx-01',
        host: 'ex-mbx-01',
        roles: ['mailbox'],
        site: undefined,
        cluster: { type: 'dag', name: 'DAG1' },
        transport: 'ssh',
      },
    ])
    expect(servers[0]?.credential).toEqual({
      name: 'exadmin',
      username: 'CONTOSO\\exadmin',
      password: { prompt: true },
    })
    expect(stdout + stderr).not.toContain('S3cret')
    expect(stderr).toBe(
      'note: 1 host is left out, as no group or variable gives a role: www1. If they are Exchange servers, set exchange_roles.\n',
    )
  })

  it('reads group_vars and host_vars beside it, folders of them too', async () => {
    mkdirSync(join(folder, 'group_vars', 'edge'), { recursive: true })
    mkdirSync(join(folder, 'host_vars'))
    inFolder('group_vars/edge/place.yml', 'ad_site: DMZ')
    inFolder('group_vars/edge/notes.txt', '{')
    inFolder('host_vars/ex-cas-02.yml~', '{')
    inFolder('host_vars/ex-cas-02.yml', 'ansible_port: 2022')
    const { servers } = readInventory(inFolder('new.yaml', (await exroll(['--ansible', 'hosts.ini'])).stdout))
    expect(servers.map(({ site, port }) => [site, port])).toEqual([
      ['DMZ', 22],
      ['London', 22],
      ['London', 2022],
      [undefined, 22],
    ])
  })

  it('says when there is no Exchange server in it', async () => {
    inFolder('web.ini', '[web]\nwww1\n')
    const { exitCode, stderr } = await exroll(['--ansible', 'web.ini'])
    expect([exitCode, stderr]).toEqual([exitCodes.usage, expect.stringContaining('code NOTHING_DISCOVERED')])
  })
})

describe('exroll inventory discover --into', () => {
  const merged = fleet
    .replace('ex-cas-01.contoso.com,   roles: [hub]', 'ex-cas-01.contoso.com, site: London,   roles: [cas]')
    .concat('  - { name: ex-edge-01, host: 192.0.2.25, roles: [edge] }\n')
    .concat('  - { name: ex-cas-02, host: ex-cas-02, roles: [cas], site: London }\n')
    .concat('  - { name: ex-mbx-01, host: ex-mbx-01, roles: [mailbox], cluster: { type: dag, name: DAG1 } }\n')

  it('shows the difference line by line and writes it when the answer is yes', async () => {
    const file = inFolder('fleet.yaml', fleet)
    const { exitCode, stdout, stderr } = await exroll(['--ansible', 'hosts.ini', '--into', 'fleet.yaml'], {
      answer: 'yes\n',
    })
    expect(exitCode).toBe(0)
    expect(stdout.split('\n').filter(line => /^[-+]/.test(line))).toEqual([
      '-  - { name: ex-cas-01, host: ex-cas-01.contoso.com,   roles: [hub] } # the old one',
      '+  - { name: ex-cas-01, host: ex-cas-01.contoso.com, site: London,   roles: [cas] } # the old one',
      '+  - { name: ex-edge-01, host: 192.0.2.25, roles: [edge] }',
      '+  - { name: ex-cas-02, host: ex-cas-02, roles: [cas], site: London }',
      '+  - { name: ex-mbx-01, host: ex-mbx-01, roles: [mailbox], cluster: { type: dag, name: DAG1 } }',
    ])
    expect(stderr).toContain('new: ex-edge-01, ex-cas-02, ex-mbx-01\nchanged: ex-cas-01 (roles, site)\n')
    expect(stderr).toContain(`and kept: ex-old-01\n`)
    expect(readFileSync(file, 'utf8')).toBe(merged)
  })

  it.each([
    ['the answer is no', [], { answer: 'n\n' }, 'NOT_CONFIRMED'],
    ['nobody is there to ask', [], {}, 'CONFIRMATION_NEEDED'],
    ['it is only to be shown', ['--dry-run'], {}, ''],
  ])('writes nothing when %s', async (_what, more, input, code) => {
    const file = inFolder('fleet.yaml', fleet)
    const { exitCode, stdout, stderr } = await exroll(
      ['--ansible', 'hosts.ini', '--into', 'fleet.yaml', ...more],
      input,
    )
    expect([exitCode, stderr]).toEqual([code === '' ? 0 : exitCodes.usage, expect.stringContaining(code)])
    expect(stdout).toContain('+  - { name: ex-edge-01')
    expect(readFileSync(file, 'utf8')).toBe(fleet)
  })

  it('keeps the mode of the file and a link to it, leaves nothing beside it, and has nothing to do the second time', async () => {
    mkdirSync(join(folder, 'real'))
    const file = inFolder('real/fleet.yaml', fleet)
    chmodSync(file, 0o640)
    symlinkSync(file, join(folder, 'link.yaml'))
    expect((await exroll(['--ansible', 'hosts.ini', '--into', 'link.yaml', '--yes'])).exitCode).toBe(0)
    expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual([merged, 0o640])
    expect([readdirSync(join(folder, 'real')), readdirSync(folder).sort()]).toEqual([
      ['fleet.yaml'],
      ['hosts.ini', 'link.yaml', 'real'],
    ])
    const again = await exroll(['--ansible', 'hosts.ini', '--into', 'link.yaml'])
    expect([again.exitCode, again.stdout, again.stderr]).toEqual([0, '', expect.stringContaining('nothing to change')])
  })

  it('refuses to write what would be wrong', async () => {
    const file = inFolder('fleet.yaml', fleet.replace('host: ex-old-01', 'host: 192.0.2.25'))
    inFolder('twin.ini', '[edge]\nex-edge-01 ansible_host=192.0.2.26\n[cas]\nex-cas-09 ansible_host=192.0.2.26\n')
    const before = readFileSync(file, 'utf8')
    const { exitCode, stderr } = await exroll(['--ansible', 'twin.ini', '--into', 'fleet.yaml', '--yes'])
    expect([exitCode, stderr]).toEqual([
      exitCodes.usage,
      expect.stringMatching(/has this address too[\s\S]*code MERGE_REFUSED/),
    ])
    expect(readFileSync(file, 'utf8')).toBe(before)
  })

  it('does not overwrite what somebody else wrote while it asked', async () => {
    const file = inFolder('fleet.yaml', fleet)
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
    Object.assign(stdin, { isTTY: true })
    const argv = ['inventory', 'discover', '--ansible', 'hosts.ini', '--into', 'fleet.yaml']
    const exitCode = runCli({ argv, stdout, stderr, stdin, env: {}, cwd: folder })
    let said = ''
    stderr.on('data', piece => {
      said += String(piece)
      if (!said.includes('[y/N]') || stdin.writableEnded) return
      writeFileSync(file, '# theirs\n')
      stdin.end('y\n')
    })
    expect([await exitCode, said]).toEqual([exitCodes.usage, expect.stringContaining('code FILE_CHANGED')])
    expect(readFileSync(file, 'utf8')).toBe('# theirs\n')
  })
})

describe('exroll inventory discover --ldap', () => {
  it('takes the password from the environment and tells the servers', async () => {
    const directory = await startResponder({
      ...{
        username: 'CONTOSO\\exadmin',
        password: 'S3cret',
        root: { configurationNamingContext: ['CN=Configuration,DC=contoso,DC=com'] },
      },
      entries: [
        {
          dn: 'CN=EX-EDGE-01',
          attributes: {
            cn: ['EX-EDGE-01'],
            msExchCurrentServerRoles: ['64'],
            serialNumber: ['Version 8.1 (Build 30240.6)'],
          },
        },
      ],
    })
    try {
      const words = ['--ldap', directory.url, '--ldap-clear-text', '--username', 'CONTOSO\\exadmin']
      const { exitCode, stdout, stderr } = await exroll([...words, '--password-env', 'LDAP_PASSWORD'], {
        env: { LDAP_PASSWORD: 'S3cret' },
      })
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
      expect(stdout).toContain(
        '  - { name: EX-EDGE-01, host: EX-EDGE-01, roles: [edge] } # Exchange 2007 SP1 RTM (8.1.240.6)',
      )
      expect(readInventory(inFolder('new.yaml', stdout)).servers[0]).toMatchObject({
        transport: 'auto',
        credential: { username: 'CONTOSO\\exadmin' },
      })
      const wrong = await exroll([...words, '--password-env', 'LDAP_PASSWORD'], { env: { LDAP_PASSWORD: 'Wr0ng' } })
      expect([wrong.exitCode, wrong.stderr]).toEqual([
        exitCodes.unreachable,
        expect.stringContaining('code LDAP_LOGON'),
      ])
      expect(wrong.stderr).not.toContain('Wr0ng')
    } finally {
      await directory.close()
    }
  })
})

describe.skipIf(reason !== '')(`exroll inventory discover --exchange${reason && ` (skipped: ${reason})`}`, () => {
  it('asks with the logon of the operator, whose name the inventory takes over', { timeout: 120_000 }, async () => {
    const module = join(folder, 'FakeExchange')
    mkdirSync(module)
    const server =
      "New-Object PSObject -Property @{ Name = 'EX-MBX-01'; Fqdn = 'ex-mbx-01.contoso.com'; ServerRole = 'Mailbox'; AdminDisplayVersion = 'Version 14.3 (Build 123.4)' }"
    writeFileSync(join(module, 'FakeExchange.psm1'), `function Get-ExchangeServer { ${server} }\n`)
    const manifest =
      "@{ ModuleVersion = '1.0'; RootModule = 'FakeExchange.psm1'; FunctionsToExport = @('Get-ExchangeServer') }"
    writeFileSync(join(module, 'FakeExchange.psd1'), manifest)
    const env = { ...process.env, PSModulePath: folder, USERDOMAIN: 'CONTOSO', USERNAME: 'ann' }
    const { exitCode, stdout, stderr } = await exroll(['--exchange'], { env })
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toContain(
      '- { name: EX-MBX-01, host: ex-mbx-01.contoso.com, roles: [mailbox] } # Exchange 2010 SP3 ',
    )
    expect(readInventory(inFolder('new.yaml', stdout)).servers[0]?.credential).toMatchObject({
      name: 'ann',
      username: 'CONTOSO\\ann',
    })
  })
})

describe('exroll inventory discover', () => {
  it.each([
    ['no source', [], 'USAGE'],
    ['two sources', ['--exchange', '--ansible', 'hosts.ini'], 'USAGE'],
    ['--yes without --into', ['--ansible', 'hosts.ini', '--yes'], 'USAGE'],
    ['--ca without --ldap', ['--ansible', 'hosts.ini', '--ca', 'x'], 'USAGE'],
    ['--ldap without a user', ['--ldap', 'ldaps://dc1'], 'USAGE'],
    ['a password that nobody can give', ['--ldap', 'ldaps://dc1', '--username', 'x'], 'SECRET_NO_TERMINAL'],
    ['a password on the command line', ['--ldap', 'ldaps://dc1', '--password', 'x'], 'USAGE'],
    ['a source that is not there', ['--ansible', 'none.ini'], 'SOURCE_UNREADABLE'],
    ['a target that is not there', ['--ansible', 'hosts.ini', '--into', 'none.yaml'], 'INPUT_MISSING'],
    ['a machine without PowerShell', ['--exchange'], 'PWSH_MISSING'],
  ])('refuses %s', async (_what, argv, code) => {
    const { exitCode, stdout, stderr } = await exroll(argv, { env: { PATH: '' } })
    expect([exitCode, stdout, stderr]).toEqual([exitCodes.usage, '', expect.stringContaining(`code ${code}`)])
  })
})
