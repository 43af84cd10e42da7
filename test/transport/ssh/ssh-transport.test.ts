import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import type { AuthContext } from 'ssh2'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { AuthError, ConnectError } from '../../../src/errors.js'
import type { Credential, SshOptions } from '../../../src/inventory/model.js'
import { openSecrets } from '../../../src/secrets/secrets.js'
import { keyTypeOf, knownHostLine } from '../../../src/transport/ssh/known-hosts.js'
import { sshTransport } from '../../../src/transport/ssh/ssh-transport.js'
import { inventoryServer } from '../inventory-server.js'
import { startRelay } from '../relay.js'
import { type TestKey, testKey } from './keys.js'
import { type SshServer, type SshServerOptions, startSshServer } from './ssh-server.js'

const keys = { ed25519: testKey('ed25519'), rsa: testKey('rsa'), ecdsa: testKey('ecdsa') }
const other = testKey('ed25519')
const secret = 'correct horse "battery" staple'
const credential: Credential = { name: 'exadmin', username: 'CONTOSO\\exadmin', password: { env: 'PASSWORD' } }

let folder: string
let toClose: { close(): Promise<void> }[] = []

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'exroll-ssh-'))
})
afterEach(async () => {
  for (const one of toClose.reverse()) await one.close()
  toClose = []
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function serve(options: Partial<SshServerOptions> = {}): Promise<SshServer> {
  const server = await startSshServer({ hostKeys: [keys.ed25519.private], ...options })
  toClose.push(server)
  return server
}

interface ConnectOptions {
  credential?: Credential
  ssh?: SshOptions
  env?: Record<string, string | undefined>
  password?: string
}

function transportTo(port: number, { ssh, env = {}, password = secret, ...rest }: ConnectOptions = {}) {
  const pin = { hostKey: keys.ed25519.fingerprint }
  return sshTransport(inventoryServer(port, rest.credential ?? credential, ssh ?? pin), {
    secrets: openSecrets({ env: { ...env, PASSWORD: password } }),
    env,
  })
}

async function open(port: number, options: ConnectOptions = {}) {
  const session = await transportTo(port, options).connect()
  toClose.push(session)
  return session
}

async function refusal(port: number, options: ConnectOptions = {}) {
  const error = await transportTo(port, options)
    .connect()
    .then(
      session => session.close().then(() => undefined),
      error => error,
    )
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('battery')
  return error
}

function knownHosts(lines: string[]): SshOptions {
  const file = join(folder, `known_hosts-${Math.random()}`)
  writeFileSync(file, `${lines.join('\n')}\n`)
  return { knownHosts: file }
}

describe('the host key', () => {
  const allThree = [keys.ed25519.private, keys.ecdsa.private, keys.rsa.private]
  const known = (port: number, key: TestKey, marker = '') => `${marker}${knownHostLine('127.0.0.1', port, key.blob)}`

  it.for(['ed25519', 'ecdsa', 'rsa'] as const)('is asked for in the type that known_hosts has: %s', async type => {
    const server = await serve({ hostKeys: allThree })
    await open(server.port, { ssh: knownHosts([known(server.port, keys[type])]) })
    expect(server.connections).toBe(1)
  })

  it.for(['ed25519', 'ecdsa', 'rsa'] as const)('is found by a pin of any of its types: %s', async type => {
    const server = await serve({ hostKeys: allThree })
    await open(server.port, { ssh: { hostKey: keys[type].fingerprint } })
    await open(server.port, { ssh: { hostKey: `${keys[type].fingerprint}=` } })
  })

  it('is refused when it is unknown, with the fingerprint and the lines to add', async () => {
    const server = await serve()
    const ssh = knownHosts([knownHostLine('127.0.0.1', server.port + 1, keys.ed25519.blob), '# nothing of this host'])
    const error = await refusal(server.port, { ssh })
    expect(error).toBeInstanceOf(ConnectError)
    expect(error.code).toBe('HOST_KEY_UNKNOWN')
    expect(error.message).toContain(keys.ed25519.fingerprint)
    expect(error.hint).toContain(`ssh: { host_key: '${keys.ed25519.fingerprint}' }`)
    expect(error.hint).toContain(`[127.0.0.1]:${server.port} ssh-ed25519 ${keys.ed25519.blob.toString('base64')}`)
    expect(server.tries).toEqual([])
  })

  it('is unknown, not an error of the tool, when there is no known_hosts file', async () => {
    const server = await serve()
    const ssh = { knownHosts: join(folder, 'there is none') }
    expect(await refusal(server.port, { ssh })).toMatchObject({ code: 'HOST_KEY_UNKNOWN' })
  })

  it('lets a host in by the very line that its refusal proposed', async () => {
    const server = await serve()
    const error = await refusal(server.port, { ssh: knownHosts([]) })
    const line = error.hint.split('\n').at(-1).trim()
    await open(server.port, { ssh: knownHosts([line]) })
  })

  it('is refused when it changed, with both fingerprints, and no password is sent', async () => {
    const server = await serve()
    const error = await refusal(server.port, { ssh: knownHosts([known(server.port, other)]) })
    expect(error).toBeInstanceOf(ConnectError)
    expect(error.code).toBe('HOST_KEY_CHANGED')
    expect(error.message).toContain(keys.ed25519.fingerprint)
    expect(error.message).toContain(other.fingerprint)
    expect(server.tries).toEqual([])
  })

  it('is refused when the pin says another, with both fingerprints, although known_hosts would take it', async () => {
    const server = await serve({ hostKeys: allThree })
    const ssh = { ...knownHosts([known(server.port, keys.ed25519)]), hostKey: other.fingerprint }
    const error = await refusal(server.port, { ssh })
    expect(error.code).toBe('HOST_KEY_CHANGED')
    expect(error.message).toContain(keys.ed25519.fingerprint)
    expect(error.message).toContain(other.fingerprint)
    expect(server.tries).toEqual([])
  })

  it('counts as changed when the host shows only a type that known_hosts does not have', async () => {
    const server = await serve({ hostKeys: [keys.rsa.private] })
    const error = await refusal(server.port, { ssh: knownHosts([known(server.port, keys.ed25519)]) })
    expect(error.code).toBe('HOST_KEY_CHANGED')
    expect(error.message).toContain(keyTypeOf(keys.rsa.blob))
  })

  it('is refused when it is revoked, although another line has it', async () => {
    const server = await serve()
    const lines = [known(server.port, keys.ed25519), known(server.port, keys.ed25519, '@revoked ')]
    expect(await refusal(server.port, { ssh: knownHosts(lines) })).toMatchObject({ code: 'HOST_KEY_REVOKED' })
  })
})

describe('the logon', () => {
  const takesPassword = (context: AuthContext) => {
    if (context.method === 'password' && context.password === secret) context.accept()
    else context.reject(['password'])
  }
  /** `rounds` of prompts; lets in whoever answers the first with the password. */
  const asks = (rounds: { prompt: string; echo: boolean }[][]) => (context: AuthContext) => {
    if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive'])
    const ask = (round: number) => {
      const prompts = rounds[round]
      if (prompts === undefined) return context.reject(['keyboard-interactive'])
      context.prompt(prompts, answers => (answers[0] === secret ? context.accept() : ask(round + 1)))
    }
    ask(0)
  }

  it('asks what is taken, then sends the password once', async () => {
    const server = await serve({ logon: takesPassword })
    await open(server.port)
    expect(server.tries).toEqual(['none', 'password'])
  })

  it('sends a wrong password once, even when the server would take more', async () => {
    const server = await serve({ logon: context => context.reject(['password', 'keyboard-interactive']) })
    const error = await refusal(server.port)
    expect(error).toBeInstanceOf(AuthError)
    expect(error).toMatchObject({ code: 'AUTH_FAILED', hint: expect.stringContaining('exadmin') })
    expect(server.tries).toEqual(['none', 'password'])
    expect(server.connections).toBe(1)
  })

  it('answers the one password question of keyboard-interactive', async () => {
    const server = await serve({ logon: asks([[{ prompt: 'Password:', echo: false }]]) })
    await open(server.port)
    expect(server.tries).toEqual(['none', 'keyboard-interactive'])
  })

  it('does not answer a second time when keyboard-interactive asks again', async () => {
    const answers: string[] = []
    const server = await serve({
      logon: context => {
        if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive'])
        const ask = () =>
          context.prompt([{ prompt: 'Password:', echo: false }], given => {
            answers.push(...given)
            ask()
          })
        ask()
      },
    })
    const error = await refusal(server.port, { password: 'wrong battery' })
    expect(error).toBeInstanceOf(AuthError)
    expect(error.code).toBe('AUTH_FAILED')
    expect(answers).toEqual(['wrong battery'])
  })

  it.for([
    [
      'two questions',
      [
        [
          { prompt: 'Password:', echo: false },
          { prompt: 'Token:', echo: false },
        ],
      ],
    ],
    ['an open question', [[{ prompt: 'User name:', echo: true }]]],
  ] as const)('does not give the password away to %s', async ([, rounds]) => {
    const server = await serve({ logon: asks(rounds.map(round => [...round])) })
    expect(await refusal(server.port)).toMatchObject({ code: 'AUTH_FAILED' })
  })

  it('says so when the server wants a new password', async () => {
    const server = await serve({
      logon: context => {
        if (context.method === 'password') context.requestChange('Your password has expired', () => undefined)
        else context.reject(['password'])
      },
    })
    expect(await refusal(server.port)).toMatchObject({ code: 'PASSWORD_EXPIRED' })
  })

  it('takes the end of the connection for a refusal only the second time in a row', async () => {
    const server = await serve({
      logon: (context, connection) => {
        if (context.method === 'password') connection.end()
        else context.reject(['password'])
      },
    })
    const transport = transportTo(server.port)
    const first = await transport.connect().catch(error => error)
    expect(first).toBeInstanceOf(ConnectError)
    expect(first.code).toBe('CONNECT_FAILED')
    const second = await transport.connect().catch(error => error)
    expect(second).toBeInstanceOf(AuthError)
    expect(second.code).toBe('AUTH_FAILED')
  })

  it('says what the server takes when the credential has nothing of it', async () => {
    const server = await serve({ logon: context => context.reject(['publickey']) })
    const error = await refusal(server.port)
    expect(error).toBeInstanceOf(AuthError)
    expect(error.message).toContain('publickey')
    expect(server.tries).toEqual(['none'])
  })

  it('goes on from the key to the password where the server wants both', async () => {
    const key = join(folder, 'both')
    writeFileSync(key, other.private, { mode: 0o600 })
    const server = await serve({
      logon: context => {
        if (context.method === 'publickey') context.reject(['password'], true)
        else if (context.method === 'password' && context.password === secret) context.accept()
        else context.reject(['publickey'])
      },
    })
    await open(server.port, { credential: { ...credential, key: { file: key } } })
    expect(server.tries.at(-1)).toBe('password')
  })

  describe('with a key', () => {
    const takesKey = (context: AuthContext) => {
      if (context.method === 'publickey' && context.key.data.equals(other.blob)) context.accept()
      else context.reject(['publickey'])
    }
    const keyFile = (name: string, text: string, mode = 0o600) => {
      const file = join(folder, name)
      writeFileSync(file, text, { mode })
      return { name: 'key', username: 'exadmin', key: { file } }
    }

    it('uses it', async () => {
      const server = await serve({ logon: takesKey })
      await open(server.port, { credential: keyFile('plain', other.private) })
    })

    it.skipIf('error' in spawnSync('ssh-keygen', ['-?']))(
      'opens one with its passphrase, and says when it is wrong',
      async () => {
        const server = await serve({ logon: takesKey })
        const locked = keyFile('locked', other.private)
        const made = spawnSync('ssh-keygen', ['-p', '-P', '', '-N', secret, '-f', locked.key.file])
        expect(made.status).toBe(0)
        const withPassphrase = { ...locked, key: { ...locked.key, passphrase: { env: 'PASSWORD' } } }
        await open(server.port, { credential: withPassphrase })
        const wrong = await refusal(server.port, { credential: withPassphrase, password: 'wrong battery' })
        expect(wrong).toMatchObject({ code: 'KEY_UNREADABLE' })
        const none = await refusal(server.port, { credential: locked })
        expect(none).toMatchObject({ code: 'KEY_UNREADABLE', message: expect.stringContaining('passphrase') })
      },
    )

    it('says which key file is missing, broken, public or open to others', async () => {
      const server = await serve()
      const missing = { name: 'key', username: 'x', key: { file: join(folder, 'no key') } }
      expect(await refusal(server.port, { credential: missing })).toMatchObject({ code: 'SECRET_FILE_UNREADABLE' })
      const broken = keyFile('broken', 'not a key')
      expect(await refusal(server.port, { credential: broken })).toMatchObject({ code: 'KEY_UNREADABLE' })
      const open = `ssh-ed25519 ${other.blob.toString('base64')}\n`
      const error = await refusal(server.port, { credential: keyFile('public', open) })
      expect(error).toMatchObject({ code: 'KEY_UNREADABLE', message: expect.stringContaining('public key') })
      if (process.platform !== 'win32') {
        const readable = keyFile('readable', other.private, 0o644)
        expect(await refusal(server.port, { credential: readable })).toMatchObject({ code: 'SECRET_FILE_OPEN' })
      }
      expect(server.connections).toBe(0)
    })
  })

  describe('with an agent', () => {
    const agentUser: Credential = { name: 'agent', username: 'exadmin', agent: true }
    const hasAgent = process.platform !== 'win32' && !('error' in spawnSync('ssh-agent', ['-?']))

    it.skipIf(!hasAgent)('uses the key it holds', async () => {
      const started = spawnSync('ssh-agent', ['-s', '-a', join(folder, 'agent.sock')], { encoding: 'utf8' })
      const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(started.stdout)?.[1])
      try {
        const env = { SSH_AUTH_SOCK: join(folder, 'agent.sock') }
        const key = join(folder, 'for-the-agent')
        writeFileSync(key, other.private, { mode: 0o600 })
        expect(spawnSync('ssh-add', ['-q', key], { env: { ...process.env, ...env } }).status).toBe(0)
        const server = await serve({
          logon: context => {
            if (context.method === 'publickey' && context.key.data.equals(other.blob)) context.accept()
            else context.reject(['publickey'])
          },
        })
        await open(server.port, { credential: agentUser, env })
      } finally {
        process.kill(pid)
      }
    })

    it.skipIf(process.platform === 'win32')('says so when there is none', async () => {
      const server = await serve()
      expect(await refusal(server.port, { credential: agentUser })).toMatchObject({ code: 'AGENT_MISSING' })
      expect(server.connections).toBe(0)
    })

    it('goes on to the password when the agent does not answer', async () => {
      const server = await serve({
        logon: context => {
          if (context.method === 'password') context.accept()
          else context.reject(['publickey', 'password'])
        },
      })
      const env = { SSH_AUTH_SOCK: join(folder, 'nobody listens here') }
      await open(server.port, { credential: { ...credential, agent: true }, env })
    })
  })

  it('turns a secret that cannot be had into a failed logon, before anything is sent', async () => {
    const server = await serve()
    const error = await refusal(server.port, { credential: { ...credential, password: { env: 'NOT_SET' } } })
    expect(error).toBeInstanceOf(AuthError)
    expect(error).toMatchObject({ code: 'SECRET_ENV_MISSING', message: expect.stringContaining('NOT_SET') })
    expect(server.connections).toBe(0)
  })
})

describe('the way to the server', () => {
  it('waits for a banner that comes late', async () => {
    const server = await serve({ before: () => new Promise(resolve => setTimeout(resolve, 1500)) })
    await open(server.port)
  })

  it('gives up on a server that never says a word', async () => {
    const server = await serve({ before: () => new Promise(() => undefined) })
    const ssh = { hostKey: keys.ed25519.fingerprint, connectTimeoutMs: 300 }
    const error = await refusal(server.port, { ssh })
    expect(error).toBeInstanceOf(ConnectError)
    expect(error).toMatchObject({
      code: 'CONNECT_TIMEOUT',
      message: expect.stringContaining(`127.0.0.1:${server.port}`),
    })
  })

  it('gives up on a logon that is never answered', async () => {
    const server = await serve({ logon: () => undefined })
    const ssh = { hostKey: keys.ed25519.fingerprint, connectTimeoutMs: 500 }
    expect(await refusal(server.port, { ssh })).toMatchObject({ code: 'CONNECT_TIMEOUT' })
  })

  it.for([
    ['closes at once', ''],
    ['speaks another protocol', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'],
  ] as const)('fails on a port that %s', async ([, greeting]) => {
    const server = await serve({
      before: async socket => {
        socket.end(greeting)
        await new Promise(resolve => socket.once('close', resolve))
      },
    })
    const error = await refusal(server.port)
    expect(error).toBeInstanceOf(ConnectError)
    expect(error.code).toBe('CONNECT_FAILED')
  })

  it('names a host that has no address', async () => {
    // Longer than a DNS label may be: no resolver is asked.
    const server = { ...inventoryServer(22, credential), host: `${'x'.repeat(64)}.invalid` }
    const transport = sshTransport(server, { secrets: openSecrets({ env: { PASSWORD: secret } }) })
    const error = await transport.connect().catch(error => error)
    expect(error).toBeInstanceOf(ConnectError)
    expect(error).toMatchObject({ code: 'CONNECT_FAILED', hint: expect.stringContaining('DNS') })
  })

  it('notices by keep-alive that the far end is silent', async () => {
    const server = await serve({ command: () => undefined })
    const relay = await startRelay(server.port)
    toClose.push(relay)
    const session = await open(relay.port, { ssh: { hostKey: keys.ed25519.fingerprint, keepAliveMs: 50 } })
    const running = session.run({ line: 'anything' })
    relay.swallow()
    expect(await running).toMatchObject({ connectionLost: true, exitCode: null })
    expect(session.closed).toBe(true)
  })

  it('gives null for a command that a signal ended', async () => {
    const server = await serve({
      command: channel => {
        channel.exit('KILL')
        channel.end()
      },
    })
    const session = await open(server.port)
    expect(await session.run({ line: 'x' })).toMatchObject({ exitCode: null, connectionLost: false, canceled: false })
  })

  it('passes on what a callback of the caller threw, and goes on working', async () => {
    const server = await serve({
      command: (channel, line) => {
        channel.write(`${line}\n`)
        if (line === 'ends') {
          channel.exit(0)
          channel.end()
        }
      },
    })
    const session = await open(server.port)
    const mistake = new Error('a mistake of the caller')
    const onStdout = () => {
      throw mistake
    }
    await expect(session.run({ line: 'runs on' }, { onStdout })).rejects.toBe(mistake)
    expect(await session.run({ line: 'ends' })).toMatchObject({ exitCode: 0, stdout: 'ends\n' })
  })

  it('joins a character that comes in two pieces', async () => {
    const bytes = Buffer.from('Ω日')
    const server = await serve({
      command: async channel => {
        for (const byte of bytes) {
          channel.write(Buffer.of(byte))
          await new Promise(resolve => setImmediate(resolve))
        }
        channel.exit(0)
        channel.end()
      },
    })
    const session = await open(server.port)
    expect((await session.run({ line: 'x' })).stdout).toBe('Ω日')
  })
})

describe('a jump host', () => {
  const jumpKey = testKey('ed25519')

  async function jumpHost(forward: boolean, logon?: SshServerOptions['logon']): Promise<SshServer> {
    const server = await startSshServer({
      hostKeys: [jumpKey.private],
      ...(logon !== undefined && { logon }),
      forward,
    })
    toClose.push(server)
    return server
  }

  it('carries the connection, each host with its own key and credential', async () => {
    const users: string[] = []
    const server = await serve()
    const jump = await jumpHost(true, context => {
      users.push(context.username)
      context.accept()
    })
    const ssh: SshOptions = {
      hostKey: keys.ed25519.fingerprint,
      jump: `ops@127.0.0.1:${jump.port}`,
      jumpHostKey: jumpKey.fingerprint,
      jumpCredential: { name: 'jump', username: 'jumper', password: { env: 'PASSWORD' } },
    }
    const session = await open(server.port, { ssh })
    expect(await session.run({ line: 'x' })).toMatchObject({ exitCode: 0 })
    expect(users).toEqual(['ops'])
    await session.close()
    await expect.poll(() => jump.open).toBe(0)
  })

  it("checks the jump host's key, and names its setting", async () => {
    const server = await serve()
    const jump = await jumpHost(true)
    const ssh = { ...knownHosts([]), hostKey: keys.ed25519.fingerprint, jump: `127.0.0.1:${jump.port}` }
    const error = await refusal(server.port, { ssh })
    expect(error).toMatchObject({ code: 'HOST_KEY_UNKNOWN', hint: expect.stringContaining('jump_host_key') })
    expect(server.connections).toBe(0)
  })

  it("checks the server's key behind it", async () => {
    const server = await serve()
    const jump = await jumpHost(true)
    const ssh = { hostKey: other.fingerprint, jump: `127.0.0.1:${jump.port}`, jumpHostKey: jumpKey.fingerprint }
    expect(await refusal(server.port, { ssh })).toMatchObject({ code: 'HOST_KEY_CHANGED' })
    expect(server.tries).toEqual([])
    await expect.poll(() => jump.open).toBe(0)
  })

  it('says that it could not reach the server', async () => {
    const jump = await jumpHost(false)
    const ssh = {
      hostKey: keys.ed25519.fingerprint,
      jump: `127.0.0.1:${jump.port}`,
      jumpHostKey: jumpKey.fingerprint,
    }
    const error = await refusal(9, { ssh })
    expect(error).toMatchObject({ code: 'CONNECT_FAILED', message: expect.stringContaining('127.0.0.1:9') })
    expect(error.message).toContain('jump host')
    await expect.poll(() => jump.open).toBe(0)
  })

  it('loses the session when the jump host goes', async () => {
    const server = await serve({ command: channel => channel.write('running\n') })
    const jump = await jumpHost(true)
    const ssh = {
      hostKey: keys.ed25519.fingerprint,
      jump: `127.0.0.1:${jump.port}`,
      jumpHostKey: jumpKey.fingerprint,
    }
    const session = await open(server.port, { ssh })
    const result = await session.run({ line: 'x' }, { onStdout: () => jump.cut() })
    expect(result).toMatchObject({ connectionLost: true, stdout: 'running\n' })
    expect(session.closed).toBe(true)
  })

  it('is refused when it is not one', async () => {
    const error = await refusal(22, { ssh: { jump: 'not a host' } })
    expect(error).toMatchObject({ code: 'JUMP_INVALID' })
  })
})
