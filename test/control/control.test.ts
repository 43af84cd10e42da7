import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { controlAddresses } from '../../src/control/address.js'
import { connectControl } from '../../src/control/client.js'
import { type ControlServer, startControlServer } from '../../src/control/server.js'
import type { RunEvent, RunEventBody } from '../../src/events/event.js'
import type { Wish, WishAnswer } from '../../src/events/wish.js'
import { isPrivateFolder } from '../../src/private-folder.js'

let base: string
let folder: string
let server: ControlServer | undefined
const asked: { wish: Wish; by: string }[] = []

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'exroll-control-'))
  folder = base
  asked.length = 0
})
afterEach(async () => {
  await server?.close()
  server = undefined
  rmSync(base, { recursive: true, force: true })
})

async function start(answer: (wish: Wish) => Promise<WishAnswer> = async () => ({ granted: true })) {
  server = await startControlServer(folder, (wish, by) => {
    asked.push({ wish, by })
    return answer(wish)
  })
  return server
}

const controlFile = () => JSON.parse(readFileSync(join(folder, 'control.json'), 'utf8'))

describe('the door to a living run', () => {
  it('brings a wish to the run, with who asks, and the answer back', async () => {
    await start(async wish => (wish.action === 'pause' ? { granted: true } : { granted: false, why: 'not now' }))
    const client = await connectControl(folder, 'dashboard of jane')
    expect(await client.ask({ action: 'pause' })).toEqual({ granted: true })
    expect(await client.ask({ action: 'skip', server: 'ex-cas-01' })).toEqual({ granted: false, why: 'not now' })
    expect(asked).toEqual([
      { wish: { action: 'pause' }, by: 'dashboard of jane' },
      { wish: { action: 'skip', server: 'ex-cas-01' }, by: 'dashboard of jane' },
    ])
    client.close()
  })

  it('answers each of several wishes at once by itself', async () => {
    const later = new Promise<WishAnswer>(resolve => setTimeout(() => resolve({ granted: false, why: 'slow' }), 50))
    await start(wish => (wish.action === 'restore' ? later : Promise.resolve({ granted: true })))
    const client = await connectControl(folder, 'x')
    const slow = client.ask({ action: 'restore', server: 'a' })
    expect(await client.ask({ action: 'pause' })).toEqual({ granted: true })
    expect(await slow).toEqual({ granted: false, why: 'slow' })
    client.close()
  })

  it('passes the log lines of the followed server on, and of no other', async () => {
    const { logs } = await start()
    const client = await connectControl(folder, 'x')
    const seen: RunEvent[] = []
    const line = (name: string): RunEvent => ({
      v: 1,
      run: 'r',
      seq: 1,
      at: '',
      type: 'log.line',
      server: name,
      log: 'msi',
      line: 1,
      text: name,
    })
    client.onEvent(event => seen.push(event))
    client.follow('a')
    await client.ask({ action: 'pause' })
    logs(line('a'))
    logs(line('b'))
    client.follow(null)
    await client.ask({ action: 'pause' })
    logs(line('a'))
    await client.ask({ action: 'pause' })
    expect(seen.map(event => (event.type === 'log.line' ? event.text : ''))).toEqual(['a'])
    client.close()
  })

  it('begins a log with its newest lines, until the server has ended and the whole log is at hand', async () => {
    const { logs } = await start()
    const event = (body: RunEventBody): RunEvent => ({ v: 1, run: 'r', seq: 1, at: '', ...body })
    for (let line = 1; line <= 200; line++) logs(event({ type: 'log.line', server: 'a', log: 'msi', line, text: '' }))
    const client = await connectControl(folder, 'x')
    const lines: number[] = []
    client.onEvent(seen => {
      if (seen.type === 'log.line') lines.push(seen.line)
    })
    client.follow('a')
    await client.ask({ action: 'pause' })
    const newest = Array.from({ length: 60 }, (_, index) => 141 + index)
    expect(lines).toEqual(newest)
    // Looked away and back: what came meanwhile, and nothing twice.
    client.follow(null)
    await client.ask({ action: 'pause' })
    logs(event({ type: 'log.line', server: 'a', log: 'msi', line: 201, text: '' }))
    client.follow('a')
    await client.ask({ action: 'pause' })
    expect(lines).toEqual([...newest, 201])
    logs(event({ type: 'server.finished', server: 'a', outcome: 'changed' }))
    client.follow('a')
    await client.ask({ action: 'pause' })
    expect(lines).toHaveLength(61)
    client.close()
  })

  it('says that the runner is gone to whoever still waits', async () => {
    await start(() => new Promise(() => undefined))
    const client = await connectControl(folder, 'x')
    const answer = client.ask({ action: 'pause' })
    await server?.close()
    server = undefined
    expect(await answer).toMatchObject({ granted: false })
    expect(await client.ask({ action: 'pause' })).toMatchObject({ granted: false })
  })

  it.each([
    ['a wrong token', (token: string) => ({ id: 1, token: `${token.slice(1)}0`, by: 'x', ask: { action: 'abort' } })],
    ['a wish that does not exist', (token: string) => ({ id: 1, token, by: 'x', ask: { action: 'format' } })],
  ])('closes on %s and asks the run nothing', async (_, request) => {
    await start()
    const { address, token } = controlFile()
    const socket = connect(address)
    socket.write(`${JSON.stringify(request(token))}\n`)
    await new Promise(resolve => socket.on('close', resolve).on('error', () => undefined))
    expect(asked).toEqual([])
  })

  it('refuses where nobody listens: no control file, or one that a killed runner left', async () => {
    await expect(connectControl(folder, 'x')).rejects.toMatchObject({ code: 'RUN_NOT_LIVE', exitCode: 3 })
    writeFileSync(
      join(folder, 'control.json'),
      JSON.stringify({ address: join(folder, 'control.sock'), token: 't', pid: 1 }),
    )
    await expect(connectControl(folder, 'x')).rejects.toMatchObject({ code: 'RUN_NOT_LIVE' })
  })

  it.skipIf(process.platform === 'win32')('takes over the socket that a killed runner left (POSIX)', async () => {
    const [address = ''] = controlAddresses(folder)
    mkdirSync(dirname(address), { recursive: true, mode: 0o700 })
    writeFileSync(address, '')
    await start()
    const client = await connectControl(folder, 'x')
    expect(await client.ask({ action: 'pause' })).toEqual({ granted: true })
    client.close()
  })

  it.skipIf(process.platform === 'win32')('is open to its owner only (modes are POSIX)', async () => {
    await start()
    expect(statSync(join(folder, 'control.json')).mode & 0o777).toBe(0o600)
    expect(statSync(controlFile().address).mode & 0o777).toBe(0o600)
    await server?.close()
    server = undefined
    expect(() => statSync(join(folder, 'control.json'))).toThrow()
  })
})

describe.skipIf(process.platform === 'win32')('where the socket lies (POSIX)', () => {
  it('is a private folder, whose path is short enough, and never the run folder', async () => {
    const deep = join(folder, 'x'.repeat(60), 'y'.repeat(60))
    mkdirSync(deep, { recursive: true })
    folder = deep
    await start()
    const { address } = controlFile()
    expect(Buffer.byteLength(address)).toBeLessThan(104)
    expect(statSync(dirname(address)).mode & 0o777).toBe(0o700)
    expect(readdirSync(deep)).toEqual(['control.json'])
    const temporary = `/tmp/${'z'.repeat(90)}`
    expect(controlAddresses(deep, { env: {}, temporary })).toEqual([expect.stringMatching(/^\/tmp\/exroll-/)])
  })

  it('is never a folder that others may enter', () => {
    const open = join(folder, 'open')
    mkdirSync(open, { mode: 0o755 })
    expect(isPrivateFolder(open)).toBe(false)
    expect(isPrivateFolder(join(folder, 'mine'))).toBe(true)
  })

  it('is a named pipe on Windows', () => {
    expect(controlAddresses('C:\\runs\\r1', { platform: 'win32' })).toEqual([
      expect.stringMatching(/^\\\\\.\\pipe\\exroll-[0-9a-f]{16}$/),
    ])
  })
})
