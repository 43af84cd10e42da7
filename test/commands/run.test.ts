import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../src/commands/program.js'

const playbooks = join(import.meta.dirname, '../../playbooks')
const applyRollup = join(playbooks, 'apply-rollup.yaml')

let folder: string
let listener: Server
let contacts: number

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'exroll-run-'))
  contacts = 0
  listener = createServer(socket => {
    contacts += 1
    socket.destroy()
  })
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const server = `{ name: ex-cas-01, host: 127.0.0.1, port: ${port}, roles: [cas], credential: c }`
  write('inv.yaml', `credentials: { c: { username: u, password: { env: SECRET } } }\nservers: [${server}]\n`)
})

afterEach(() => {
  listener.close()
  rmSync(folder, { recursive: true, force: true })
})

function write(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

const withoutHash = () => {
  const update = `update: { file: ${join(playbooks, '../updates/Exchange2007-KB952580-x64-EN.msp')} }`
  return write('roll.yaml', `name: x\naction: apply\n${update}\n`)
}

async function run(...words: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const argv = ['run', ...words, '-i', join(folder, 'inv.yaml'), '--runs-dir', join(folder, 'runs')]
  const env = words.includes('--dry-run') ? { SECRET: 'x' } : {}
  const exitCode = await runCli({ argv, stdout, stderr, stdin: new PassThrough(), env, cwd: folder })
  const all = (stream: PassThrough): string => String(stream.read() ?? '')
  return { exitCode, stdout: all(stdout), stderr: all(stderr) }
}

/** Exit 3 means that nothing was contacted, and that nothing is left behind either. */
async function refused(code: string, ...words: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await run(...words)
  expect([exitCode, stdout, contacts], stderr).toEqual([3, '', 0])
  expect(stderr).toContain(`code ${code}. Try: `)
  expect(readdirSync(folder)).not.toContain('runs')
  return stderr
}

describe('exroll run refuses, before anything is contacted,', () => {
  const others = readdirSync(playbooks).filter(name => name !== 'apply-rollup.yaml')

  it.each(others)('the shipped %s, by the name of its action', async name => {
    const action = /^action: (.*)$/m.exec(readFileSync(join(playbooks, name), 'utf8'))?.[1]
    expect(await refused('NOT_AVAILABLE', join(playbooks, name), '--yes')).toContain(`action: ${action}`)
  })

  it('a playbook with mistakes, all of them at once, those of its options too', async () => {
    const file = write('roll.yaml', 'name: x\naction: aply\nrolout: {}\n')
    const said = await refused('INPUT_INVALID', file, '--yes', '--set', 'install.log=/l*v', '--allow', 'disk-ful')
    for (const place of [`${file}:2:9: `, `${file}:3:1: `, '--set:1:14: ', '--allow:1:1: '])
      expect(said).toContain(place)
  })

  it('a playbook that is not there, and says which are', async () => {
    expect(await refused('INPUT_MISSING', join(folder, 'none.yaml'), '--yes')).toContain('playbooks/apply-rollup.yaml')
  })

  it('a folder for a playbook', async () => {
    await refused('INPUT_UNREADABLE', folder, '--yes')
  })

  it('another package than the playbook means', async () => {
    await refused('PACKAGE_HASH', applyRollup, '--yes', '--set', `update.sha256=${'a'.repeat(64)}`)
  })

  it('a package without its SHA-256, which it tells', async () => {
    expect(await refused('PACKAGE_HASH_MISSING', withoutHash(), '--yes')).toMatch(/write sha256: [0-9a-f]{64}/)
  })

  it('a package that is not there', async () => {
    await refused('PACKAGE_MISSING', applyRollup, '--yes', '--set', 'update.file=none.msp')
  })

  it('a block let through on a server that is not in the run', async () => {
    await refused('ALLOW_UNKNOWN_SERVER', applyRollup, '--yes', '--allow', 'disk-full@ex-cas-02')
  })

  it('to begin where nobody can say yes', async () => {
    await refused('CONFIRMATION_NEEDED', applyRollup)
  })

  it('a fleet whose password is not where the inventory says', async () => {
    expect(await refused('SECRET_ENV_MISSING', applyRollup, '--yes')).toContain('SECRET')
  })
})

describe('exroll run --dry-run', () => {
  it('asks the servers also while the playbook has no SHA-256 yet', async () => {
    const { exitCode, stderr } = await run(withoutHash(), '--dry-run', '--ui', 'quiet')
    expect(exitCode, stderr).toBe(4)
    expect(contacts).toBeGreaterThan(0)
  })
})
