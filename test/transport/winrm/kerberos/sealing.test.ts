import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AuthError } from '../../../../src/errors.js'
import { type AcceptedTicket, KerberosAcceptor } from '../../../../src/lab/endpoint/winrm/kerberos-acceptor.js'
import { ticketSealing } from '../../../../src/transport/winrm/auth/kerberos-sealing.js'
import { sealedProtocols } from '../../../../src/transport/winrm/sealing/sealed-body.js'
import { cacheFile } from './cache-file.js'
import { makeTicketToken, realm, type TicketMakeUp } from './ticket.js'

const serviceKey = { type: 18, value: Buffer.alloc(32, 3) }
const ticketKey = { type: 18, value: Buffer.alloc(32, 4) }

describe('messages sealed with the keys of a ticket', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'exroll-sealing-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  /** Both sides of a logon that went well, with the key that the cache has for the ticket. */
  function logOn(
    change: Partial<TicketMakeUp> = {},
    cached: { key: Buffer; type?: number } = { key: ticketKey.value },
  ) {
    const { token, ticket } = makeTicketToken({ serviceKey, ticketKey, ...change })
    const acceptor = new KerberosAcceptor([{ realm, principal: ['HTTP', 'localhost'], version: 2, key: serviceKey }])
    const verdict = acceptor.accept(token)
    if ('refused' in verdict) throw new Error('the ticket was refused')
    writeFileSync(join(folder, 'tickets'), cacheFile(4, [{ ...cached, ticket }]))
    const server: AcceptedTicket = verdict.accepted
    const owner = { env: { KRB5CCNAME: `FILE:${join(folder, 'tickets')}` }, uid: 0 }
    const seal = (answer = server.reply, mechListSigned = false) =>
      ticketSealing({ request: token, answer, mechListSigned }, owner, sealedProtocols.negotiate)
    return { server, seal }
  }

  it.for<[string, Partial<TicketMakeUp>]>([
    ['a client without a key of its own', {}],
    ['a client with one', { subkey: { type: 18, value: Buffer.alloc(32, 5) }, sequence: 0xfffffffe }],
  ])('are read by the other side, both ways: %s', async ([, change]) => {
    const { server, seal } = logOn(change)
    const client = await seal()
    for (const text of ['first', '', 'Grüße '.repeat(100)]) {
      const request = await client.seal(Buffer.from(text))
      expect(request.data).toHaveLength(Buffer.byteLength(text))
      expect(server.incoming.open(Buffer.concat([request.header, request.data]))?.toString()).toBe(text)
      const answer = server.outgoing.seal(Buffer.from(text))
      expect((await client.open(answer))?.toString()).toBe(text)
      expect(await client.open(answer)).toBeUndefined()
    }
  })

  it('begin with the next number where the server signed the list of mechanisms', async () => {
    const { server, seal } = logOn()
    const client = await seal(server.reply, true)
    // The signature took the first number.
    const first = server.outgoing.seal(Buffer.from('signature'))
    const second = server.outgoing.seal(Buffer.from('message'))
    expect(await client.open(first)).toBeUndefined()
    expect((await client.open(second))?.toString()).toBe('message')
  })

  it('are none of which the answer is cut or changed', async () => {
    const { server, seal } = logOn()
    const client = await seal()
    const { header, data } = server.outgoing.seal(Buffer.from('message'))
    expect(await client.open({ header: header.subarray(0, 16), data })).toBeUndefined()
    expect(await client.open({ header, data: Buffer.from('massage') })).toBeUndefined()
    expect(await client.open({ header: Buffer.alloc(60), data })).toBeUndefined()
    expect((await client.open({ header, data }))?.toString()).toBe('message')
  })

  it.for<[string, () => Promise<unknown>, RegExp]>([
    ['the cache has another key', () => logOn({}, { key: Buffer.alloc(32) }).seal(), /does not open the logon/],
    ['the ticket is of RC4', () => logOn({}, { key: Buffer.alloc(16), type: 23 }).seal(), /rc4-hmac/],
  ])('cannot be where %s', async ([, attempt, message]) => {
    const error = await attempt().catch((error: unknown) => error)
    expect(error).toBeInstanceOf(AuthError)
    expect(error).toMatchObject({ code: 'KERBEROS_NO_SEALING', message: expect.stringMatching(message) })
  })

  it('cannot be where the server answered with damaged bytes', async () => {
    const { server, seal } = logOn()
    await fc.assert(
      fc.asyncProperty(fc.nat(server.reply.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const answer = Buffer.from(server.reply)
        answer[at] = (answer[at] ?? 0) ^ change
        const error = await seal(answer).catch((error: unknown) => error)
        // Version and type of the message are not signed.
        if (error instanceof Error) expect(error).toMatchObject({ code: 'KERBEROS_NO_SEALING' })
      }),
    )
  })
})
