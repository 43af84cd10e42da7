import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startWinrmEndpoint, type WinrmEndpoint } from '../../../src/lab/endpoint/winrm/winrm.js'
import { WsmanService } from '../../../src/lab/endpoint/winrm/wsman-service.js'
import { openSecrets } from '../../../src/secrets/secrets.js'
import type { Session } from '../../../src/transport/transport.js'
import { winrmTransport } from '../../../src/transport/winrm/winrm-transport.js'
import { MemoryHost } from '../../lab/endpoint/memory-host.js'
import { inventoryServer } from '../inventory-server.js'
import { type Middle, type PassedAnswer, startMiddle } from './man-in-the-middle.js'

describe('somebody between exroll and a server, over sealed HTTP', () => {
  const host = new MemoryHost()
  const service = new WsmanService({ host })
  let endpoint: WinrmEndpoint
  let middle: Middle
  let session: Session

  beforeAll(async () => {
    endpoint = await startWinrmEndpoint({ host, service, domain: 'EXLAB' })
  })
  afterAll(async () => {
    service.close()
    await endpoint.close()
  })
  beforeEach(async () => {
    middle = await startMiddle(endpoint.port)
    session = await transport(middle.port).connect()
  })
  afterEach(async () => {
    middle.mangle = undefined
    await session.close()
    await middle.close()
  })

  function transport(port: number) {
    const server = inventoryServer(port, { name: 'lab', username: 'exadmin', password: { env: 'PASSWORD' } })
    return winrmTransport({ ...server, transport: 'winrm' }, { secrets: openSecrets({ env: { PASSWORD: 'right' } }) })
  }

  const flip = (answer: PassedAnswer, from: number): PassedAnswer => {
    const body = Buffer.from(answer.body)
    const at = body.length - from
    body[at] = (body[at] ?? 0) ^ 0x40
    return { ...answer, body }
  }
  const plain = (text: string, status = 200): PassedAnswer => ({
    status,
    headers: { 'content-type': 'application/soap+xml;charset=UTF-8' },
    body: Buffer.from(text),
  })
  const replaced = (answer: PassedAnswer, from: string | RegExp, to: string): PassedAnswer => ({
    ...answer,
    body: Buffer.from(answer.body.toString('latin1').replace(from, to), 'latin1'),
  })

  it('passes an untouched session through', async () => {
    expect(await session.run({ line: 'hostname' })).toMatchObject({ exitCode: 0, stdout: 'ex-test-01\r\n' })
    expect(Buffer.concat(middle.seen.map(({ body }) => body)).toString('latin1')).not.toContain('ReceiveResponse')
  })

  it.for<[string, string, (answer: PassedAnswer) => PassedAnswer | 'cut']>([
    ['a changed byte of the message', 'SIGNATURE_INVALID', answer => flip(answer, 60)],
    [
      'a changed byte of the signature',
      'SIGNATURE_INVALID',
      answer => replaced(answer, '\x10\0\0\0\x01', '\x10\0\0\0\x02'),
    ],
    ['another length', 'SIGNATURE_INVALID', answer => replaced(answer, /Length=\d+/, 'Length=17')],
    [
      'a signature longer than the answer',
      'SIGNATURE_INVALID',
      answer => replaced(answer, '\x10\0\0\0', '\xff\xff\xff\x7f'),
    ],
    [
      'an answer without its second half',
      'SIGNATURE_INVALID',
      ({ body, ...rest }) => ({ ...rest, body: body.subarray(0, body.length >> 1) }),
    ],
    [
      'an answer without a boundary',
      'SIGNATURE_INVALID',
      answer => ({ ...answer, headers: { 'content-type': 'multipart/encrypted' } }),
    ],
    [
      'an answer that is not sealed',
      'UNSEALED_ANSWER',
      () => plain('<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body/></s:Envelope>'),
    ],
    ['a fault that is not sealed', 'UNSEALED_ANSWER', () => plain('<x/>', 500)],
    ['a page', 'UNSEALED_ANSWER', () => ({ ...plain('<html>'), headers: { 'content-type': 'text/html' } })],
    ['a redirection', 'WINRM_REDIRECT', () => ({ ...plain('', 302), headers: { location: 'http://elsewhere/wsman' } })],
    [
      'a wish for another logon',
      'AUTH_FAILED',
      () => ({ ...plain('', 401), headers: { 'www-authenticate': 'Basic realm="x"' } }),
    ],
    ['more than was asked for', 'ANSWER_TOO_LARGE', answer => ({ ...answer, body: Buffer.alloc(2_000_000) })],
    ['an error of a proxy', 'HTTP_STATUS', () => ({ ...plain('', 503), headers: {} })],
  ])('refuses %s', async ([, code, mangle]) => {
    middle.mangle = mangle
    const error = await session.run({ line: 'hostname' }).catch(error => error)
    expect(error).toMatchObject({ code, message: expect.stringContaining(`127.0.0.1:${middle.port}`) })
    expect(error.hint).toEqual(expect.any(String))
  })

  it('refuses an answer that it had before', async () => {
    await session.run({ line: 'hostname' })
    const [before] = middle.seen
    middle.mangle = () => before as PassedAnswer
    await expect(session.run({ line: 'hostname' })).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' })
  })

  it('refuses answers in another order', async () => {
    const held: PassedAnswer[] = []
    middle.mangle = answer => {
      held.push(answer)
      return held.length > 1 ? (held[held.length - 2] as PassedAnswer) : flip(answer, 60)
    }
    await expect(session.run({ line: 'hostname' })).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' })
  })

  it('calls a cut answer a lost connection', async () => {
    middle.mangle = () => 'cut'
    expect(await session.run({ line: 'hostname' })).toMatchObject({ connectionLost: true, exitCode: null })
  })

  it('deletes its shell after an answer that was refused', async () => {
    const others = service.shellCount - 1
    middle.mangle = answer => flip(answer, 60)
    await session.run({ line: 'hostname' }).catch(() => undefined)
    middle.mangle = undefined
    await session.close()
    await expect.poll(() => service.shellCount).toBe(others)
  })
})
