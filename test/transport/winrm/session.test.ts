import { createHash, randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AuthError, ConnectError } from '../../../src/errors.js'
import { openSecrets } from '../../../src/secrets/secrets.js'
import { basicLogon } from '../../../src/transport/winrm/auth/basic.js'
import { Channel } from '../../../src/transport/winrm/channel/channel.js'
import { runInShell } from '../../../src/transport/winrm/shell/run-command.js'
import { Shell } from '../../../src/transport/winrm/shell/shell.js'
import { ShellSet } from '../../../src/transport/winrm/shell/shell-set.js'
import { durationText } from '../../../src/transport/winrm/soap/write.js'
import { readTarget } from '../../../src/transport/winrm/target.js'
import { defaultOperationTimeoutMs } from '../../../src/transport/winrm/wsman/client.js'
import { readEnvelopeLimit } from '../../../src/transport/winrm/wsman/service-config.js'
import { startRelay } from '../relay.js'
import { clientTo, type Listener, serverAt, startListener, transportTo } from './listener.js'
import { startMiddle } from './man-in-the-middle.js'

let listener: Listener

beforeEach(async () => {
  listener = await startListener()
})
afterEach(() => listener.close())

const inTime = { operationTimeoutMs: 300, answerGraceMs: 300 }

describe('shells', () => {
  it('are deleted when a session is closed', async () => {
    const session = await transportTo(listener.port).connect()
    await session.run({ line: 'ver' })
    expect(listener.service.shellCount).toBe(1)
    await session.close()
    expect(listener.service.shellCount).toBe(0)
  })

  it('are asked for with UTF-8, without a profile, and with an end of their own', async () => {
    const sent = vi.spyOn(Channel.prototype, 'send')
    const session = await transportTo(listener.port).connect()
    await session.run({ line: 'ver' })
    await session.close()
    const texts = sent.mock.calls.map(([envelope]) => envelope.toString())
    sent.mockRestore()
    const [create = '', command = ''] = texts
    expect(create).toContain('<w:Option Name="WINRS_CODEPAGE">65001</w:Option>')
    expect(create).toContain('<w:Option Name="WINRS_NOPROFILE">TRUE</w:Option>')
    expect(create).toContain('<rsp:IdleTimeOut>PT900S</rsp:IdleTimeOut>')
    expect(command).toContain('<w:Option Name="WINRS_CONSOLEMODE_STDIN">FALSE</w:Option>')
    expect(command).toContain('<w:Option Name="WINRS_SKIP_CMD_SHELL">FALSE</w:Option>')
    const ends = texts.map(text => /<rsp:Code>[^<]*\/([a-z]+)<|transfer\/(Delete)</.exec(text)?.slice(1).join(''))
    expect(ends.filter(end => end !== undefined)).toEqual(['terminate', 'Delete'])
  })

  it('of a lost session are deleted as soon as the server can be reached again', async () => {
    const relay = await startRelay(listener.port)
    const session = await transportTo(relay.port).connect()
    const result = await session.run({ line: 'echo on& ping -n 600 127.0.0.1 >nul' }, { onStdout: () => relay.cut() })
    expect(result.connectionLost).toBe(true)
    await expect.poll(() => listener.service.shellCount, { timeout: 10_000 }).toBe(0)
    await relay.close()
  })

  it('are changed before the operations that Windows leaks use up the quota', async () => {
    const { client, pool } = await clientTo(listener.port, inTime)
    const create = () => Shell.create(client)
    const shells = new ShellSet(await create(), create, 2)
    const used: string[] = []
    for (let command = 0; command < 5; command += 1) {
      await shells.use(async shell => {
        used.push(shell.id)
        await runInShell(shell, 'x', { line: 'ver' }, { payloadBytes: 1000 })
      })
    }
    expect(new Set(used).size).toBe(3)
    expect([used[0] === used[1], used[1] === used[2], used[2] === used[3]]).toEqual([true, false, true])
    await shells.deleteAll(AbortSignal.timeout(10_000))
    expect(shells.abandon()).toEqual([])
    expect(listener.service.shellCount).toBe(0)
    pool.close()
  })

  it('are changed after a thousand commands', async () => {
    const { client, pool } = await clientTo(listener.port, inTime)
    const create = () => Shell.create(client)
    const shells = new ShellSet(await create(), create)
    const used = new Map<string, number>()
    for (let command = 0; command < 1001; command += 1) {
      await shells.use(async ({ id }) => void used.set(id, (used.get(id) ?? 0) + 1))
    }
    expect([...used.values()]).toEqual([1000, 1])
    await shells.deleteAll(AbortSignal.timeout(10_000))
    pool.close()
  })

  it('that could not be deleted, at the end or on the way, are not forgotten', async () => {
    const relay = await startRelay(listener.port)
    const { client, pool } = await clientTo(relay.port, { operationTimeoutMs: 60_000, answerGraceMs: 60_000 })
    const create = () => Shell.create(client)
    const [first, second] = [await create(), await create()]
    const shells = new ShellSet(first, async () => second, 1)
    for (let command = 0; command < 2; command += 1) {
      await shells.use(async () => {
        if (command === 1) relay.swallow()
      })
    }
    await Promise.race([shells.deleteAll(AbortSignal.timeout(300)), new Promise(resolve => setTimeout(resolve, 600))])
    expect(shells.abandon().map(({ id }) => id)).toEqual([first.id, second.id])
    pool.close()
    await relay.close()
  })

  it('are changed when past commands of this or other sessions have used up the quota', async () => {
    const few = await startListener({ maxOperationsPerUser: 3 })
    const session = await transportTo(few.port).connect()
    for (let command = 0; command < 8; command += 1) {
      expect(await session.run({ line: `echo ${command}` })).toMatchObject({ exitCode: 0, stdout: `${command}\r\n` })
    }
    expect(few.service.shellCount).toBe(1)
    await session.close()
    await few.close()
  })

  it('cannot be changed while others use up the quota: refused in words, nothing was run', async () => {
    const few = await startListener({ maxOperationsPerUser: 2 })
    const other = await transportTo(few.port).connect()
    for (const line of ['ver', 'ver']) await other.run({ line })
    const session = await transportTo(few.port).connect()
    const running = session.run({ line: 'echo x>C:\\Users\\exadmin\\ran.txt' })
    await expect(running).rejects.toMatchObject({
      code: 'QUOTA_OPERATIONS',
      hint: expect.stringContaining('MaxConcurrentOperationsPerUser'),
    })
    expect(few.host.files.stat('C:\\Users\\exadmin\\ran.txt')).toBeUndefined()
    await Promise.all([other.close(), session.close()])
    await few.close()
  })

  it('take no more commands than the server allows, and say which setting it is', async () => {
    const few = await startListener({ maxProcessesPerShell: 1 })
    const session = await transportTo(few.port).connect()
    const ending = new AbortController()
    let first: ReturnType<typeof session.run> | undefined
    await new Promise<void>(started => {
      const line = 'echo on& ping -n 600 127.0.0.1 >nul'
      first = session.run({ line }, { signal: ending.signal, onStdout: () => started() })
    })
    await expect(session.run({ line: 'ver' })).rejects.toMatchObject({
      code: 'QUOTA_PROCESSES',
      hint: expect.stringContaining('MaxProcessesPerShell'),
    })
    ending.abort()
    expect(await first).toMatchObject({ canceled: true })
    await session.close()
    await few.close()
  })

  it('are refused in words that name the setting', async () => {
    const few = await startListener({ maxShellsPerUser: 1 })
    const session = await transportTo(few.port).connect()
    const error = await transportTo(few.port)
      .connect()
      .catch(error => error)
    expect(error).toBeInstanceOf(ConnectError)
    expect(error).toMatchObject({ code: 'QUOTA_SHELLS', hint: expect.stringContaining('MaxShellsPerUser') })
    expect(error.message).toContain('maximum number of concurrent shells')
    expect(error.message).toContain('Open there: 1 of exadmin from 127.0.0.1.')
    await session.close()
    await few.close()
  })
})

describe('input', () => {
  it('that the server did not say it took is never sent again', async () => {
    const { client, pool } = await clientTo(listener.port, inTime)
    const shell = await Shell.create(client)
    let pulled = 0
    async function* chunks(): AsyncGenerator<Uint8Array> {
      // More than the server keeps for a command that does not read.
      for (; pulled < 10; pulled += 1) yield Buffer.alloc(300_000, 'x')
    }
    const stdin = { chunks: chunks() }
    const running = runInShell(shell, 'x', { line: 'ping -n 60 127.0.0.1 >nul', stdin }, { payloadBytes: 300_000 })
    await expect(running).rejects.toMatchObject({ code: 'INPUT_UNCERTAIN' })
    const then = pulled
    expect(then).toBeLessThan(8)
    await new Promise(done => setTimeout(done, 500))
    expect(pulled).toBe(then)
    await shell.delete()
    pool.close()
  })
})

describe('a connection', () => {
  it('that nobody used for a minute is not used again: the server is about to close it', async () => {
    const relay = await startRelay(listener.port)
    const session = await transportTo(relay.port).connect()
    await session.run({ line: 'ver' })
    const before = relay.accepted
    await session.run({ line: 'ver' })
    expect(relay.accepted).toBe(before)
    const now = performance.now.bind(performance)
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + 61_000)
    await session.run({ line: 'ver' })
    clock.mockRestore()
    expect(relay.accepted).toBeGreaterThan(before)
    await session.close()
    await relay.close()
  })
})

describe('a server that closes the connection after each answer', () => {
  it('is asked over a new one each time', async () => {
    const middle = await startMiddle(listener.port)
    middle.mangle = answer => ({ ...answer, headers: { ...answer.headers, connection: 'close' } })
    const session = await transportTo(middle.port).connect()
    for (const text of ['one', 'two']) {
      expect(await session.run({ line: `echo ${text}` })).toMatchObject({ exitCode: 0, stdout: `${text}\r\n` })
    }
    await session.close()
    expect(listener.service.shellCount).toBe(0)
    expect(middle.asked.map(requests => requests.length)).toEqual(middle.asked.map(() => 1))
    await middle.close()
  })
})

describe('a load balancer', () => {
  it('that names its server with a cookie gets it back on every connection of the session, and on none of the next', async () => {
    const middle = await startMiddle(listener.port)
    let answers = 0
    middle.mangle = answer => {
      answers += 1
      const cookie = ['other=1; Path=/', `MS-WSMAN=server-${answers > 1 ? 2 : 1}; Path=/wsman; HttpOnly`]
      return { ...answer, headers: { ...answer.headers, 'set-cookie': cookie } }
    }
    const session = await transportTo(middle.port).connect()
    await session.run({ line: 'findstr "^"', stdin: 'x' })
    await session.close()
    const [first = [], second = []] = middle.asked
    expect(first[0]?.cookie).toBeUndefined()
    expect(first[1]?.cookie).toBe('MS-WSMAN=server-1')
    expect(second[0]?.cookie).toBe('MS-WSMAN=server-2')
    const before = middle.asked.length
    const next = await transportTo(middle.port).connect()
    expect(middle.asked[before]?.[0]?.cookie).toBeUndefined()
    await next.close()
    await middle.close()
  })
})

describe('time', () => {
  it('is limited: a server that falls silent is a lost connection, above OperationTimeout', async () => {
    const relay = await startRelay(listener.port)
    const { client, pool } = await clientTo(relay.port, inTime)
    const shell = await Shell.create(client)
    const running = runInShell(
      shell,
      'x',
      { line: 'echo on& ping -n 600 127.0.0.1 >nul' },
      { payloadBytes: 1000, onStdout: () => relay.swallow() },
    )
    expect(await running).toMatchObject({ connectionLost: true, stdout: 'on\r\n' })
    pool.close()
    await relay.close()
  })

  it('is given to the server for its answer, and more of it to the connection', async () => {
    const sent = vi.spyOn(Channel.prototype, 'send')
    const session = await transportTo(listener.port).connect()
    await session.run({ line: 'ver' })
    await session.close()
    const calls = sent.mock.calls
    sent.mockRestore()
    expect(calls.length).toBeGreaterThan(3)
    for (const [envelope, { timeoutMs }] of calls) {
      expect(envelope.toString()).toContain(durationText(defaultOperationTimeoutMs))
      expect(timeoutMs).toBeGreaterThan(defaultOperationTimeoutMs)
    }
  })

  it('without output is no error: Receive is sent again', async () => {
    const { client, pool } = await clientTo(listener.port, inTime)
    const shell = await Shell.create(client)
    const result = await runInShell(
      shell,
      'x',
      { line: 'echo before& ping -n 3 127.0.0.1 >nul& echo after' },
      { payloadBytes: 1000 },
    )
    expect(result).toMatchObject({ exitCode: 0, stdout: 'before\r\nafter\r\n' })
    await shell.delete()
    pool.close()
  })
})

describe('silence', () => {
  it('has a limit of its own: a command that neither writes nor ends is given up, and ended', async () => {
    const { client, pool } = await clientTo(listener.port, inTime)
    const shell = await Shell.create(client)
    const options = { payloadBytes: 1000, silenceLimitMs: 500 }
    const running = runInShell(shell, 'x', { line: 'echo on& ping -n 600 127.0.0.1 >nul' }, options)
    await expect(running).rejects.toMatchObject({ code: 'COMMAND_SILENT' })
    await shell.delete()
    pool.close()
  })
})

describe('a copy', () => {
  const data = randomBytes(3 * 1024 * 1024)
  const path = 'C:\\Users\\exadmin\\package.msp'
  const sha256 = createHash('sha256').update(data).digest('hex')

  it('goes on where the one before was cut', async () => {
    const relay = await startRelay(listener.port)
    const first = await transportTo(relay.port).connect()
    const cut = first.upload(data, path, { onProgress: bytes => bytes > 1_000_000 && relay.cut() })
    await expect(cut).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await expect.poll(() => listener.service.shellCount, { timeout: 10_000 }).toBe(0)
    const kept = listener.host.files.stat(path)?.bytes ?? 0
    expect(kept).toBeGreaterThan(0)
    const second = await transportTo(listener.port).connect()
    const progress: number[] = []
    const done = await second.upload(data, path, { onProgress: bytes => progress.push(bytes) })
    expect(done).toEqual({ bytes: data.length, sha256 })
    expect(progress[0]).toBe(kept)
    expect(progress.at(-1)).toBe(data.length)
    expect(Buffer.from(listener.host.files.read(path)).equals(data)).toBe(true)
    await second.close()
    await relay.close()
  })

  it('goes on after a restart of the server in the middle of it', async () => {
    const { host } = listener
    const transport = transportTo(listener.port)
    const first = await transport.connect()
    const restart = (bytes: number) => {
      if (bytes < 2_000_000 || host.network.down) return
      host.network.down = true
      host.network.cut()
    }
    await expect(first.upload(data, path, { onProgress: restart })).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await expect(transport.connect()).rejects.toMatchObject({ code: 'CONNECT_FAILED' })
    host.network.down = false
    const second = await transport.connect()
    const progress: number[] = []
    const done = await second.upload(data, path, { onProgress: bytes => progress.push(bytes) })
    expect(done).toEqual({ bytes: data.length, sha256 })
    expect(progress[0]).toBeGreaterThanOrEqual(1_000_000)
    await second.close()
    expect(listener.service.shellCount).toBe(0)
  })

  it('that is refused, large or small, says why and leaves nothing running', async () => {
    const session = await transportTo(listener.port).connect()
    for (const bytes of [data, data.subarray(0, 1000)]) {
      const refused = session.upload(bytes, 'C:\\nowhere\\package.msp')
      await expect(refused).rejects.toMatchObject({ code: 'FILE_MISSING' })
    }
    const missing = session.upload('/nowhere/package.msp', path)
    await expect(missing).rejects.toMatchObject({ code: 'LOCAL_FILE' })
    expect(await session.upload(data, path)).toEqual({ bytes: data.length, sha256 })
    await session.close()
  })

  it('of a large file is one program on the server, whatever is there', async () => {
    const session = await transportTo(listener.port).connect()
    await session.upload(data, path)
    await session.upload(data, path)
    expect(listener.service.operationCount).toBe(2)
    await session.close()
  })

  it('sends nothing of what is there already, and starts anew over what is something else', async () => {
    const session = await transportTo(listener.port).connect()
    await session.upload(data, path)
    const progress: number[] = []
    await session.upload(data, path, { onProgress: bytes => progress.push(bytes) })
    expect(progress).toEqual([data.length])
    listener.host.files.write(path, randomBytes(500_000))
    expect(await session.upload(data, path)).toEqual({ bytes: data.length, sha256 })
    await session.close()
  })

  it.for([150, 500])('goes in messages near the size that the server takes: %d KB', async kilobytes => {
    const sized = await startListener({ maxEnvelopeKilobytes: kilobytes })
    const middle = await startMiddle(sized.port)
    const { client, pool } = await clientTo(sized.port, inTime)
    expect(await readEnvelopeLimit(client)).toBe(kilobytes * 1024)
    pool.close()
    const session = await transportTo(middle.port).connect()
    expect(await session.upload(data, path)).toEqual({ bytes: data.length, sha256 })
    await session.close()
    const largest = Math.max(...middle.asked.flat().map(headers => Number(headers['content-length'])))
    expect(largest).toBeLessThanOrEqual(kilobytes * 1024)
    expect(largest).toBeGreaterThan(kilobytes * 1024 * 0.9)
    await middle.close()
    await sized.close()
  })

  it('says that a message is too large where it is', async () => {
    const { client, pool } = await clientTo(listener.port, inTime)
    const shell = await Shell.create(client)
    const id = await shell.command('findstr "^" >nul', [], [])
    await expect(shell.send(id, Buffer.alloc(600_000), true)).rejects.toMatchObject({
      code: 'ENVELOPE_TOO_LARGE',
      hint: expect.stringContaining('MaxEnvelopeSizekb'),
    })
    await shell.delete()
    pool.close()
  })
})

describe('a logon', () => {
  it.for(['basic', 'certificate'] as const)('by %s over HTTP is refused before anything is sent', async auth => {
    const relay = await startRelay(listener.port)
    const error = await transportTo(relay.port, { auth })
      .connect()
      .catch(error => error)
    expect(error).toBeInstanceOf(AuthError)
    expect(error).toMatchObject({ code: 'NOT_SEALED' })
    expect(relay.accepted).toBe(0)
    await relay.close()
  })

  it('by Basic over HTTP is made where the inventory accepts clear text and the server does', async () => {
    const open = await startListener({}, { allowUnencrypted: true })
    const session = await transportTo(open.port, { auth: 'basic', clearText: true }).connect()
    expect(await session.run({ line: 'findstr "^"', stdin: 'x' })).toMatchObject({ exitCode: 0, stdout: 'x' })
    await session.close()
    expect(open.service.shellCount).toBe(0)
    await open.close()
  })

  it('that leaves nothing to seal with is given up over HTTP before a message is sent', async () => {
    const target = await readTarget(serverAt(listener.port), openSecrets({ env: { PASSWORD: 'right' } }))
    const method = basicLogon({ username: 'exadmin', password: 'right' })
    await expect(Channel.open({ ...target, method })).rejects.toMatchObject({ code: 'NOT_SEALED' })
    await (await Channel.open({ ...target, method, clearText: true })).close()
  })

  it('seals messages over HTTP where it can, also where clear text is accepted', async () => {
    const middle = await startMiddle(listener.port)
    const session = await transportTo(middle.port, { clearText: true }).connect()
    await session.run({ line: 'ver' })
    await session.close()
    const types = middle.asked.flat().map(headers => headers['content-type'])
    expect(types.length).toBeGreaterThan(0)
    expect(types.filter(type => !type?.startsWith('multipart/encrypted'))).toEqual([])
    await middle.close()
  })

  it('names what the server takes when it does not take the wished one', async () => {
    const error = await transportTo(listener.port, { auth: 'basic', clearText: true })
      .connect()
      .catch(error => error)
    expect(error).toBeInstanceOf(AuthError)
    expect(error.message).toContain('it takes Negotiate')
  })
})
