import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fingerprint } from '../../src/transport/ssh/host-key.js'

/** OpenSSH's sshd, started for one test file as the current user on 127.0.0.1, with keys of its own. */
export interface Sshd {
  port: number
  username: string
  /** The private key it lets in, without a passphrase. */
  keyFile: string
  /** `SHA256:...` of its ed25519 host key. */
  hostKey: string
  /** A temporary folder for files of the test. */
  folder: string
  log(): string
  close(): Promise<void>
}

const program = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/opt/homebrew/sbin/sshd'].find(path => existsSync(path))

/** Why this machine cannot run it; undefined when it can. Logs on once to be sure. */
export async function whyNoSshd(): Promise<string | undefined> {
  if (process.platform === 'win32') return 'sshd as the current user needs POSIX'
  if (program === undefined) return 'sshd is not installed'
  try {
    const sshd = await startSshd()
    try {
      execFileSync(
        'ssh',
        [
          ...['-F', 'none', '-p', String(sshd.port), '-i', sshd.keyFile, '-o', 'BatchMode=yes'],
          ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'IdentitiesOnly=yes'],
          ...[`${sshd.username}@127.0.0.1`, 'true'],
        ],
        { stdio: 'pipe', timeout: 20_000 },
      )
      return undefined
    } finally {
      await sshd.close()
    }
  } catch (error) {
    return `sshd lets this user not in: ${error instanceof Error ? error.message.split('\n').at(-1) : error}`
  }
}

/** `settings` are further lines of sshd_config. */
export async function startSshd(settings: string[] = []): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'exroll-sshd-'))
  const file = (name: string) => join(folder, name)
  for (const name of ['host', 'user']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file(name)], { stdio: 'pipe' })
  }
  writeFileSync(file('authorized_keys'), readFileSync(file('user.pub')))
  writeFileSync(file('log'), '')
  // sshd as root wants this folder, which its service unit would make.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })

  const port = await freePort()
  const config = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${file('host')}`,
    `AuthorizedKeysFile ${file('authorized_keys')}`,
    'StrictModes no',
    'PidFile none',
    'UsePAM no',
    'PermitRootLogin yes',
    'PasswordAuthentication yes',
    'KbdInteractiveAuthentication no',
    'LogLevel VERBOSE',
    // Twenty sessions come at once; the default starts to drop at ten.
    'MaxStartups 100',
    ...settings,
    'Subsystem sftp internal-sftp',
  ]
  writeFileSync(file('config'), `${config.join('\n')}\n`)
  const child = spawn(program ?? 'sshd', ['-D', '-f', file('config'), '-E', file('log')], { stdio: 'ignore' })
  const log = () => readFileSync(file('log'), 'utf8')
  try {
    await answering(port, child)
  } catch (error) {
    child.kill()
    throw new Error(`${error instanceof Error ? error.message : error}: ${log()}`)
  }
  const [, key = ''] = readFileSync(file('host.pub'), 'utf8').split(' ')
  return {
    port,
    folder,
    username: userInfo().username,
    keyFile: file('user'),
    hostKey: fingerprint(Buffer.from(key, 'base64')),
    log,
    async close() {
      await ended(child)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGTERM')
  await exit
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

async function answering(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (child.exitCode !== null) throw new Error('sshd ended')
    if (await answers(port)) return
    await pause(50)
  }
  throw new Error('sshd did not answer')
}

function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('data', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
  })
}
