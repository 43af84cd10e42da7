import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls, createServer as createProxy } from 'node:tls'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AuthError } from '../../../../src/errors.js'
import { type LabCertificates, makeLabCertificates } from '../../../../src/lab/endpoint/winrm/certificate.js'
import { KerberosAcceptor } from '../../../../src/lab/endpoint/winrm/kerberos-acceptor.js'
import { startWinrmEndpoint, type WinrmTls } from '../../../../src/lab/endpoint/winrm/winrm.js'
import { WsmanService } from '../../../../src/lab/endpoint/winrm/wsman-service.js'
import { kerberosLogon } from '../../../../src/transport/winrm/auth/kerberos.js'
import { Channel } from '../../../../src/transport/winrm/channel/channel.js'
import { ChannelPool } from '../../../../src/transport/winrm/channel/channel-pool.js'
import type { EncryptionKey } from '../../../../src/transport/winrm/kerberos/encryption.js'
import { Shell } from '../../../../src/transport/winrm/shell/shell.js'
import { readInit, writeResponse } from '../../../../src/transport/winrm/spnego/tokens.js'
import { WsmanClient } from '../../../../src/transport/winrm/wsman/client.js'
import { MemoryHost } from '../../../lab/endpoint/memory-host.js'
import { type PassedAnswer, startMiddle } from '../man-in-the-middle.js'
import { makeTicketToken, realm, type TicketMakeUp } from './ticket.js'
import { ticketModule } from './ticket-client.js'

const serviceKey = { type: 18, value: Buffer.alloc(32, 3) }
const ticketKey = { type: 18, value: Buffer.alloc(32, 4) }
const keytab = ['HTTP', 'WSMAN'].map(name => ({ realm, principal: [name, 'localhost'], version: 2, key: serviceKey }))

describe.skipIf(process.platform === 'win32')(
  'a logon with a ticket (skipped on Windows, where SSPI has the keys)',
  () => {
    const toClose: (() => unknown)[] = []
    let cache: string
    let shown: LabCertificates
    let others: LabCertificates

    beforeAll(async () => {
      shown = await makeLabCertificates('exadmin')
      others = await makeLabCertificates('exadmin')
    })
    beforeEach(() => {
      const folder = mkdtempSync(join(tmpdir(), 'exroll-ticket-'))
      cache = join(folder, 'tickets')
      const before = process.env.KRB5CCNAME
      process.env.KRB5CCNAME = `FILE:${cache}`
      toClose.push(() => {
        rmSync(folder, { recursive: true })
        if (before === undefined) delete process.env.KRB5CCNAME
        else process.env.KRB5CCNAME = before
      })
    })
    afterEach(async () => {
      for (const close of toClose.splice(0).reverse()) await close()
    })

    async function listener({ host = new MemoryHost(), tls }: { host?: MemoryHost; tls?: WinrmTls } = {}) {
      const service = new WsmanService({ host })
      const kerberos = new KerberosAcceptor(keytab)
      const endpoint = await startWinrmEndpoint({
        host,
        service,
        domain: 'EXLAB',
        kerberos,
        ...(tls !== undefined && { tls }),
      })
      toClose.push(
        () => service.close(),
        () => endpoint.close(),
      )
      return endpoint.port
    }

    async function answering(
      act: (incoming: IncomingMessage, outgoing: ServerResponse) => void,
      tls?: WinrmTls,
    ): Promise<number> {
      const respond = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
        incoming.resume()
        incoming.on('end', () => act(incoming, outgoing))
      }
      const server =
        tls === undefined ? createServer(respond) : createTlsServer({ key: tls.key, cert: tls.cert }, respond)
      await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
      toClose.push(() => {
        server.closeAllConnections()
        return new Promise(done => server.close(done))
      })
      return (server.address() as AddressInfo).port
    }

    function clientOf(
      port: number,
      change: Partial<TicketMakeUp> = {},
      { ca, seals, httpKey }: { ca?: string; seals?: boolean; httpKey?: EncryptionKey } = {},
    ): WsmanClient {
      const module = ticketModule({
        makeUp: { serviceKey, ticketKey, ...change },
        cache,
        seals: seals === true,
        httpKey,
      })
      const method = kerberosLogon({ username: 'exadmin', load: async () => module })
      const tls = ca === undefined ? {} : { tls: { trust: { ca } } }
      const target = { host: 'localhost', port, path: '/wsman', timeoutMs: 5000, username: 'x', credentialName: 'x' }
      const pool = new ChannelPool(signal => Channel.open({ ...target, ...tls, method, clearText: false }, signal))
      toClose.push(() => pool.close())
      return new WsmanClient({ pool, url: `http://localhost:${port}/wsman`, where: `localhost:${port}` })
    }

    const hostname = async (client: WsmanClient): Promise<string> => {
      const shell = await Shell.create(client)
      const id = await shell.command('hostname', [], [])
      const { stdout } = await shell.receive(id)
      await shell.delete()
      return stdout.toString().trim()
    }

    it('seals over HTTP', async () => {
      expect(await hostname(clientOf(await listener()))).toBe('ex-test-01')
    })

    it('leaves sealing to TLS over HTTPS, and needs no cache for it', async () => {
      const port = await listener({ tls: shown.tls })
      process.env.KRB5CCNAME = 'KEYRING:persistent:0'
      expect(await hostname(clientOf(port, {}, { ca: shown.tls.cert }))).toBe('ex-test-01')
    })

    describe('over HTTPS is tied to the certificate that was seen', () => {
      /** Ends TLS with a certificate of its own, which the client trusts, and goes on to the server. */
      async function proxyTo(target: number): Promise<number> {
        const { key, cert } = others.tls
        const proxy = createProxy({ key, cert }, near => {
          const far = connectTls({ host: '127.0.0.1', port: target, ca: shown.tls.cert })
          near.pipe(far).pipe(near)
          for (const [end, other] of [
            [near, far],
            [far, near],
          ] as const) {
            end.on('error', () => end.destroy())
            end.on('close', () => other.destroy())
          }
        })
        await new Promise<void>(done => proxy.listen(0, '127.0.0.1', done))
        toClose.push(() => new Promise(done => proxy.close(done)))
        return (proxy.address() as AddressInfo).port
      }

      it('and lets its owner in at the server', async () => {
        const port = await listener({ tls: shown.tls })
        expect(await hostname(clientOf(port, {}, { ca: shown.tls.cert }))).toBe('ex-test-01')
      })

      it('and is worth nothing to somebody in between', async () => {
        const port = await proxyTo(await listener({ tls: shown.tls }))
        await expect(hostname(clientOf(port, {}, { ca: others.tls.cert }))).rejects.toMatchObject({
          code: 'AUTH_FAILED',
          hint: expect.stringMatching(/proxy ends TLS .*CbtHardeningLevel/),
        })
      })

      it('unless the cache gives no key away: then a server that insists on none takes it anywhere', async () => {
        const port = await proxyTo(await listener({ tls: shown.tls }))
        process.env.KRB5CCNAME = 'KEYRING:persistent:0'
        expect(await hostname(clientOf(port, {}, { ca: others.tls.cert }))).toBe('ex-test-01')
      })

      it.for<[string, string | undefined, Partial<TicketMakeUp>, string]>([
        ['the cache is no file', 'KEYRING:persistent:0', {}, 'the tickets are in KEYRING:'],
        ['the key is of RC4', undefined, { ticketKey: { type: 23, value: Buffer.alloc(16, 4) } }, 'rc4-hmac'],
      ])('and says why it was not, where that may be why it was refused: %s', async ([, name, change, why]) => {
        const port = await answering((_incoming, outgoing) => {
          outgoing.writeHead(401, { 'WWW-Authenticate': 'Negotiate' }).end()
        }, shown.tls)
        if (name !== undefined) process.env.KRB5CCNAME = name
        const error = await hostname(clientOf(port, change, { ca: shown.tls.cert })).catch((error: unknown) => error)
        expect(error).toMatchObject({ code: 'AUTH_FAILED' })
        const hint = error instanceof AuthError ? error.hint : undefined
        expect(hint).toContain(`No channel binding was sent (`)
        expect(hint).toContain(why)
        expect(hint).toContain('CbtHardeningLevel=Strict')
        expect(hint).toContain('KRB5CCNAME=FILE:')
      })
    })

    it('sends nothing over HTTP where the cache gives no keys away', async () => {
      const port = await listener()
      process.env.KRB5CCNAME = 'KEYRING:persistent:0'
      await expect(hostname(clientOf(port))).rejects.toMatchObject({
        code: 'KERBEROS_NO_SEALING',
        hint: expect.stringContaining('KRB5CCNAME=FILE:'),
      })
    })

    it('seals with the package where the cache gives no keys away and the package can', async () => {
      const port = await listener()
      process.env.KRB5CCNAME = 'KEYRING:persistent:0'
      expect(await hostname(clientOf(port, {}, { seals: true }))).toBe('ex-test-01')
    })

    it.for<[string, string, Partial<TicketMakeUp>]>([
      ['that is from a clock behind', 'CLOCK_SKEW', { clientTime: new Date(Date.now() - 600_000) }],
      ['that has expired', 'KERBEROS_NO_TICKET', { endsAt: new Date(Date.now() - 600_000) }],
      [
        'that another account can read',
        'KERBEROS_WRONG_ACCOUNT',
        { serviceKey: { type: 18, value: Buffer.alloc(32) } },
      ],
      ['for another service', 'AUTH_FAILED', { server: ['HTTP', 'elsewhere'] }],
      ['of an account that the server does not know', 'AUTH_FAILED', { client: 'stranger' }],
    ])('is refused with a ticket %s: %s', async ([, code, change]) => {
      const error = await hostname(clientOf(await listener(), change)).catch((error: unknown) => error)
      expect(error).toMatchObject({ code, hint: expect.any(String), message: expect.stringMatching(/^localhost:\d+ /) })
    })

    it('takes a proof that is not wrapped by SPNEGO', async () => {
      const acceptor = new KerberosAcceptor(keytab)
      const types: string[] = []
      const port = await answering((incoming, outgoing) => {
        const token = Buffer.from((incoming.headers.authorization ?? '').slice('Negotiate '.length), 'base64')
        if (token.length === 0) {
          types.push(incoming.headers['content-type'] ?? '')
          outgoing.destroy()
          return
        }
        const verdict = acceptor.accept(readInit(token).mechToken ?? token)
        const reply = 'accepted' in verdict ? verdict.accepted.reply : verdict.refused
        outgoing.writeHead(200, { 'WWW-Authenticate': `Negotiate ${reply.toString('base64')}` }).end()
      })
      await expect(hostname(clientOf(port))).rejects.toThrow()
      expect(types).toEqual([expect.stringContaining('protocol="application/HTTP-SPNEGO-session-encrypted"')])
    })

    it('asks for the other name where the first one belongs to another account', async () => {
      const httpKey = { type: 18, value: Buffer.alloc(32, 7) }
      expect(await hostname(clientOf(await listener(), {}, { httpKey }))).toBe('ex-test-01')
    })

    it('goes on in the scheme Kerberos where Negotiate is off, and names the messages after it', async () => {
      const acceptor = new KerberosAcceptor(keytab)
      const types: string[] = []
      const port = await answering((incoming, outgoing) => {
        const [scheme, token = ''] = (incoming.headers.authorization ?? '').split(' ')
        if (scheme === 'Kerberos') {
          const verdict = acceptor.accept(Buffer.from(token, 'base64'))
          const reply = 'accepted' in verdict ? verdict.accepted.reply : verdict.refused
          outgoing.writeHead(200, { 'WWW-Authenticate': `Kerberos ${reply.toString('base64')}` }).end()
        } else if (scheme === 'Negotiate') {
          outgoing.writeHead(401, { 'WWW-Authenticate': 'Kerberos' }).end()
        } else {
          types.push(incoming.headers['content-type'] ?? '')
          outgoing.destroy()
        }
      })
      await expect(hostname(clientOf(port))).rejects.toThrow()
      expect(types).toEqual([expect.stringContaining('protocol="application/HTTP-Kerberos-session-encrypted"')])
    })

    it.for<[string, string, number, Record<string, string>]>([
      ['nothing', 'AUTH_PROTOCOL', 200, {}],
      ['a token that is none', 'AUTH_PROTOCOL', 200, { 'www-authenticate': 'Negotiate AAAA' }],
      ['a token without a proof', 'AUTH_PROTOCOL', 200, { 'www-authenticate': 'Negotiate oQcwBaADCgEA' }],
      ['that the request is bad', 'HTTP_STATUS', 400, {}],
      ['with a redirection', 'WINRM_REDIRECT', 302, { location: 'http://elsewhere/' }],
      ['that it takes Basic', 'AUTH_FAILED', 401, { 'www-authenticate': 'Basic realm="WSMAN"' }],
    ])('believes no server that answers %s: %s', async ([, code, status, headers]) => {
      const port = await answering((_incoming, outgoing) => outgoing.writeHead(status, headers).end())
      await expect(hostname(clientOf(port))).rejects.toMatchObject({ code, hint: expect.any(String) })
    })

    it('believes no server that proves itself with another key', async () => {
      const other = { type: 18, value: Buffer.alloc(32, 8) }
      const port = await answering((_incoming, outgoing) => {
        // Made with a key that the client's ticket does not have.
        const verdict = new KerberosAcceptor(keytab).accept(makeTicketToken({ serviceKey, ticketKey: other }).token)
        const reply = 'accepted' in verdict ? verdict.accepted.reply : verdict.refused
        outgoing
          .writeHead(200, {
            'WWW-Authenticate': `Negotiate ${writeResponse({ responseToken: reply }).toString('base64')}`,
          })
          .end()
      })
      await expect(hostname(clientOf(port))).rejects.toMatchObject({ code: 'AUTH_PROTOCOL' })
    })

    describe('with somebody in between', () => {
      const flip = (from: number) => (answer: PassedAnswer) => {
        const body = Buffer.from(answer.body)
        body[body.length - from] = (body[body.length - from] ?? 0) ^ 1
        return { ...answer, body }
      }
      it.for<[string, string, (answer: PassedAnswer, before: PassedAnswer) => PassedAnswer]>([
        ['a changed byte of the message', 'SIGNATURE_INVALID', flip(60)],
        ['a changed byte of the checksum', 'SIGNATURE_INVALID', answer => changedHeader(answer, 40)],
        ['another place in the sequence', 'SIGNATURE_INVALID', answer => changedHeader(answer, 15)],
        ['a token of the client’s side', 'SIGNATURE_INVALID', answer => changedHeader(answer, 2)],
        ['an answer that was there before', 'SIGNATURE_INVALID', (_answer, before) => before],
        [
          'an answer that is not sealed',
          'UNSEALED_ANSWER',
          answer => ({ ...answer, headers: { 'content-type': 'application/soap+xml;charset=UTF-8' } }),
        ],
      ])('refuses %s', async ([, code, mangle]) => {
        const middle = await startMiddle(await listener())
        toClose.push(() => middle.close())
        const client = clientOf(middle.port)
        expect(await hostname(client)).toBe('ex-test-01')
        const [before] = middle.seen
        middle.mangle = answer => mangle(answer, before ?? answer)
        await expect(hostname(client)).rejects.toMatchObject({ code })
      })
    })
  },
)

/** Byte `at` of the token, which begins after the length of its header. */
function changedHeader(answer: PassedAnswer, at: number): PassedAnswer {
  const body = Buffer.from(answer.body)
  const start = body.indexOf('application/octet-stream\r\n') + 'application/octet-stream\r\n'.length + 4 + at
  body[start] = (body[start] ?? 0) ^ 1
  return { ...answer, body }
}
