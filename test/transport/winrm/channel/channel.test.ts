import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AuthError } from '../../../../src/errors.js'
import { openSecrets } from '../../../../src/secrets/secrets.js'
import { basicLogon } from '../../../../src/transport/winrm/auth/basic.js'
import { Channel } from '../../../../src/transport/winrm/channel/channel.js'
import { readTarget } from '../../../../src/transport/winrm/target.js'
import { startRelay } from '../../relay.js'
import { type Listener, serverAt, startListener, transportTo } from '../listener.js'
import { startMiddle } from '../man-in-the-middle.js'

let listener: Listener

beforeEach(async () => {
  listener = await startListener()
})
afterEach(() => listener.close())

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
