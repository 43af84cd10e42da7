import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ConnectError } from '../../../src/errors.js'
import { Channel } from '../../../src/transport/winrm/channel/channel.js'
import { runInShell } from '../../../src/transport/winrm/shell/run-command.js'
import { Shell } from '../../../src/transport/winrm/shell/shell.js'
import { ShellSet } from '../../../src/transport/winrm/shell/shell-set.js'
import { durationText } from '../../../src/transport/winrm/soap/write.js'
import { defaultOperationTimeoutMs } from '../../../src/transport/winrm/wsman/client.js'
import { startRelay } from '../relay.js'
import { clientTo, type Listener, startListener, transportTo } from './listener.js'

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
