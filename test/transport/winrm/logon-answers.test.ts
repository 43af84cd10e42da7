import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { AuthError, ConnectError } from '../../../src/errors.js'
import { avIds, writeAvPairs } from '../../../src/transport/winrm/ntlm/av-pairs.js'
import { utf16, writeChallenge } from '../../../src/transport/winrm/ntlm/messages.js'
import { transportTo } from './listener.js'

let server: Server | undefined

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

async function answering(answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void): Promise<number> {
  server = createServer((incoming, outgoing) => {
    incoming.resume()
    incoming.on('end', () => answer(incoming, outgoing))
  })
  await new Promise<void>(done => server?.listen(0, '127.0.0.1', done))
  return (server.address() as AddressInfo).port
}

const challenge = writeChallenge({
  flags: 0xe2898235,
  targetName: 'EXLAB',
  serverChallenge: Buffer.alloc(8, 1),
  targetInfo: writeAvPairs([{ id: avIds.domainName, value: utf16('EXLAB') }]),
}).toString('base64')

describe('a server that says nothing of the account', () => {
  it.for<[number, string, Record<string, string>]>([
    [200, 'NOT_WSMAN', {}],
    [302, 'WINRM_REDIRECT', { location: 'http://elsewhere/' }],
    [400, 'HTTP_STATUS', {}],
    [403, 'HTTP_STATUS', {}],
    [404, 'NOT_WSMAN', {}],
    [500, 'HTTP_STATUS', {}],
    [503, 'HTTP_STATUS', {}],
  ])('at the start of a logon has refused nobody: HTTP %d is %s', async ([status, code, headers]) => {
    let asked = 0
    const port = await answering((_, outgoing) => {
      asked += 1
      outgoing.writeHead(status, headers).end()
    })
    const error = await transportTo(port)
      .connect()
      .catch(error => error)
    expect(error).toBeInstanceOf(ConnectError)
    expect(error).toMatchObject({ code, hint: expect.any(String) })
    expect(asked).toBe(1)
  })

  it.for([500, 503])('at its end has refused nobody either: HTTP %d', async status => {
    let asked = 0
    const port = await answering((_, outgoing) => {
      asked += 1
      if (asked === 1) outgoing.writeHead(401, { 'WWW-Authenticate': `Negotiate ${challenge}` }).end()
      else outgoing.writeHead(status).end()
    })
    const error = await transportTo(port)
      .connect()
      .catch(error => error)
    expect(error).toBeInstanceOf(ConnectError)
    expect(error).toMatchObject({ code: 'HTTP_STATUS' })
    expect(asked).toBe(2)
  })

  it('has refused the account where it says 401 at the end', async () => {
    let asked = 0
    const port = await answering((_, outgoing) => {
      asked += 1
      outgoing.writeHead(401, { 'WWW-Authenticate': asked === 1 ? `Negotiate ${challenge}` : 'Negotiate' }).end()
    })
    await expect(transportTo(port).connect()).rejects.toMatchObject({ code: 'AUTH_FAILED' })
    expect(asked).toBe(2)
  })
})

it('a server that takes Negotiate without NTLM is told of by the policy, and Kerberos', async () => {
  const port = await answering((_, outgoing) => outgoing.writeHead(401, { 'WWW-Authenticate': 'Negotiate' }).end())
  const error = await transportTo(port)
    .connect()
    .catch(error => error)
  expect(error).toBeInstanceOf(AuthError)
  expect(error).toMatchObject({ code: 'NTLM_REFUSED', hint: expect.stringContaining('Restrict NTLM') })
  expect(error.hint).toContain('kerberos')
})
