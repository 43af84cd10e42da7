import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lookAtCredentialSources } from '../../src/doctor/credential-sources.js'
import { Way } from '../../src/doctor/hop.js'
import { lookAtInventoryCredentials } from '../../src/doctor/inventory-credentials.js'
import { errorInfo } from '../../src/errors.js'
import { parseInventory } from '../../src/inventory/parse.js'
import { missingPwsh } from '../powershell/missing-pwsh.js'
import { standInModule } from '../powershell/stand-in-module.js'

const noPwsh = missingPwsh()
const posix = process.platform !== 'win32'
const hasAgent = (() => {
  try {
    execFileSync('ssh-agent', ['-V'], { stdio: 'ignore' })
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT'
  }
  return true
})()

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'exroll-sources-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function sources(env: NodeJS.ProcessEnv): Promise<Record<string, string>> {
  const way = new Way(() => 0, errorInfo)
  await lookAtCredentialSources(way, env)
  return Object.fromEntries(
    way.hops.map(({ hop, outcome, found, fix }) => [
      hop,
      `${outcome} ${found}${fix === undefined ? '' : ` -> ${fix}`}`,
    ]),
  )
}

/** An agent of its own with these keys; ended afterwards by its number. */
async function withAgent<T>(keys: number, use: (socket: string) => Promise<T>): Promise<T> {
  const said = execFileSync('ssh-agent', ['-s'], { encoding: 'utf8' })
  const socket = /SSH_AUTH_SOCK=([^;]+)/.exec(said)?.[1] ?? ''
  const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(said)?.[1])
  try {
    for (let key = 0; key < keys; key++) {
      const file = join(mkdtempSync(join(folder, 'key-')), 'id')
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file])
      execFileSync('ssh-add', ['-q', file], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' })
    }
    return await use(socket)
  } finally {
    process.kill(pid)
  }
}

describe.skipIf(noPwsh !== '')(
  `doctor on the operator's PowerShell${noPwsh && ` (skipped: ${noPwsh})`}`,
  { timeout: 120_000 },
  () => {
    it('names vaults, LAPS and managed accounts that it finds, and asks no vault', async () => {
      const modules = join(folder, 'all')
      const vaults = `
function Get-Secret { throw 'a vault was asked' }
function Get-SecretVault { foreach ($name in 'Work', 'Other') { New-Object PSObject -Property @{ Name = $name } } }`
      standInModule(modules, 'Microsoft.PowerShell.SecretManagement', vaults)
      standInModule(modules, 'LAPS', "function Get-LapsADPassword { throw 'LAPS was asked' }")
      standInModule(modules, 'ActiveDirectory', "function Test-ADServiceAccount { throw 'the directory was asked' }")
      const env = { ...process.env, PSModulePath: modules, USERDOMAIN: 'CONTOSO', USERNAME: 'exadmin' }
      expect(await sources(env)).toMatchObject({
        powershell: expect.stringMatching(/^ok .*PowerShell \d.*logon of CONTOSO\\exadmin$/),
        secrets: 'ok Get-Secret of Microsoft.PowerShell.SecretManagement, vaults: Work, Other',
        laps: 'ok Get-LapsADPassword of LAPS reads passwords of LAPS',
        gmsa: expect.stringMatching(/^ok Test-ADServiceAccount of ActiveDirectory/),
      })
    })

    it('knows the older LAPS, a vault that does not load, and that it runs as a managed account', async () => {
      const modules = join(folder, 'old')
      const vaults = `
function Get-Secret { }
function Get-SecretVault { throw 'The extension of the vault Work cannot be loaded.' }`
      standInModule(modules, 'Microsoft.PowerShell.SecretManagement', vaults)
      standInModule(modules, 'AdmPwd.PS', 'function Get-AdmPwdPassword { }')
      const env = { ...process.env, PSModulePath: modules, USERDOMAIN: 'CONTOSO', USERNAME: 'exroll$' }
      expect(await sources(env)).toMatchObject({
        secrets: expect.stringMatching(/^note .*no vault -> Get-SecretVault: The extension of the vault Work/),
        laps: 'ok Get-AdmPwdPassword of AdmPwd.PS reads passwords of LAPS',
        gmsa: expect.stringMatching(/^ok this is CONTOSO\\exroll\$: .*without a password$/),
      })
    })
  },
)

describe('doctor without a PowerShell', () => {
  it('says so, and what needs it; nothing is wrong', async () => {
    const found = await sources({ PATH: '' })
    expect(found.powershell).toMatch(/^ok .*not on PATH.*only transport powershell/)
    expect(found).not.toHaveProperty('laps')
  })
})

describe.skipIf(!hasAgent || !posix)('doctor on the SSH agent (needs ssh-agent)', () => {
  it('counts its keys', async () => {
    await withAgent(2, async socket => {
      const found = await sources({ PATH: '', SSH_AUTH_SOCK: socket })
      expect(found['ssh-agent']).toBe(`ok ${socket} holds 2 keys`)
    })
  })

  it('says that nobody answers, and that there is none', async () => {
    const socket = join(folder, 'nobody')
    expect((await sources({ PATH: '', SSH_AUTH_SOCK: socket }))['ssh-agent']).toContain(`nobody answers at ${socket}`)
    expect((await sources({ PATH: '' }))['ssh-agent']).toContain('SSH_AUTH_SOCK is not set')
  })
})

describe.skipIf(!posix)('doctor on the credentials of an inventory (modes of files need POSIX)', () => {
  const servers = (credential: string, transport = 'ssh') =>
    parseInventory(
      `credentials: { one: { username: exadmin, ${credential} } }\nservers: [{ name: a, host: a, transport: ${transport}, roles: [hub], credential: one }]\n`,
      join(folder, 'fleet.yaml'),
    ).servers
  const look = (credential: string, env: NodeJS.ProcessEnv = {}, transport = 'ssh') =>
    lookAtInventoryCredentials({ servers: servers(credential, transport), env, terminal: false })
  const file = (name: string, mode: number) => {
    writeFileSync(join(folder, name), 'hunter2\n', { mode })
    return name
  }

  it('finds what is there, and starts and shows nothing of it', async () => {
    const started = join(folder, 'started')
    writeFileSync(join(folder, 'pass'), `#!/bin/sh\ntouch '${started}'\necho hunter2\n`, { mode: 0o755 })
    const PATH = folder
    for (const credential of [
      'password: { env: PW }',
      `password: { file: ${file('right', 0o600)} }`,
      'password: { command: [pass, show, exadmin] }',
    ]) {
      const [hop] = await look(credential, { PW: 'hunter2', PATH })
      expect(hop).toMatchObject({ hop: 'one', outcome: 'ok' })
      expect(JSON.stringify(hop)).not.toContain('hunter2')
    }
    expect(() => execFileSync('ls', [started], { stdio: 'ignore' })).toThrow()
  })

  it('says of each what is missing, though another is missing too', async () => {
    const key = `key: { file: ${file('open', 0o644)}, passphrase: { command: [no-such-program] } }`
    const hops = await look(`password: { env: PW }, ${key}, agent: true`)
    expect(hops.map(({ code }) => code)).toEqual([
      'SECRET_ENV_MISSING',
      'SECRET_FILE_OPEN',
      'SECRET_COMMAND_FAILED',
      'AGENT_MISSING',
    ])
    for (const { fix } of hops) expect(fix).toEqual(expect.any(String))
    expect(await look('password: { prompt: true }')).toMatchObject([{ code: 'SECRET_NO_TERMINAL' }])
    expect(await look('password: { vault: { entry: x } }', { PATH: '' })).toMatchObject([{ code: 'SECRET_VAULT' }])
  })

  it('asks for no SSH agent where the logon of the operator is meant', async () => {
    const [hop] = await look('agent: true', {}, 'powershell')
    expect(hop).toMatchObject({ outcome: 'ok', found: expect.stringContaining('logon of whoever starts exroll') })
  })

  it.skipIf(!hasAgent)('does not take an agent without keys for one that logs on (needs ssh-agent)', async () => {
    const asked = (keys: number) => withAgent(keys, SSH_AUTH_SOCK => look('agent: true', { SSH_AUTH_SOCK }))
    expect(await asked(0)).toMatchObject([{ code: 'AGENT_MISSING' }])
    expect(await asked(1)).toMatchObject([{ outcome: 'ok' }])
  })
})
