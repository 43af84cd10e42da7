import { createHash, X509Certificate } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { AuthError } from '../../../src/errors.js'
import { makeLabCertificates } from '../../../src/lab/endpoint/winrm/certificate.js'
import { NtlmAcceptor } from '../../../src/lab/endpoint/winrm/ntlm-acceptor.js'
import { negotiateLogon } from '../../../src/transport/winrm/auth/negotiate.js'
import { offeredSchemes, tokenOf } from '../../../src/transport/winrm/auth/offered.js'
import { channelBindingHash, serverEndPoint } from '../../../src/transport/winrm/http/channel-binding.js'
import { HttpConnection } from '../../../src/transport/winrm/http/http-connection.js'
import { avIds, writeAvPairs } from '../../../src/transport/winrm/ntlm/av-pairs.js'
import { clientFlags, ntlmFlags } from '../../../src/transport/winrm/ntlm/flags.js'
import { fileTime, NtlmInitiator, splitName } from '../../../src/transport/winrm/ntlm/initiator.js'
import { ntowfV2, responseV2 } from '../../../src/transport/winrm/ntlm/keys.js'
import {
  messageType,
  readAuthenticate,
  readChallenge,
  utf16,
  withMic,
  writeAuthenticate,
  writeChallenge,
  writeNegotiate,
} from '../../../src/transport/winrm/ntlm/messages.js'
import { NtlmError } from '../../../src/transport/winrm/ntlm/ntlm-error.js'

const account = { username: 'EXLAB\\exadmin', password: 'Pässwört' }
const passwordOf = (user: string) => (user === account.username ? account.password : undefined)
const targetName = 'HTTP/ex-01'

describe('an NTLM logon', () => {
  const begin = (options: { channelBinding?: Buffer } = {}) => {
    const acceptor = new NtlmAcceptor({ computerName: 'EX-01', domain: 'EXLAB', passwordOf, ...options })
    return acceptor
  }

  it('gives both sides keys that fit, for many messages each way', () => {
    const acceptor = begin()
    const initiator = new NtlmInitiator({ account, targetName })
    const { message, session } = initiator.authenticate(acceptor.challenge(initiator.negotiate()))
    const verdict = acceptor.accept(message)
    const keys = 'accepted' in verdict ? verdict.accepted.keys : undefined
    if (keys === undefined) throw new Error('refused')
    for (const text of ['one', 'two', '', 'three'.repeat(1000)]) {
      const there = session.outgoing.seal(Buffer.from(text))
      expect(keys.incoming.open(there)?.toString()).toBe(text)
      const back = keys.outgoing.seal(Buffer.from(text))
      expect(session.incoming.open(back)?.toString()).toBe(text)
    }
  })

  it('of a client that wants no key exchange and no sealing is answered with no more than it asked for', () => {
    const acceptor = begin()
    const asked = clientFlags & ~(ntlmFlags.keyExchange | ntlmFlags.sign | ntlmFlags.seal)
    const challenge = readChallenge(acceptor.challenge(writeNegotiate(asked >>> 0)))
    expect(challenge.flags & (ntlmFlags.keyExchange | ntlmFlags.sign | ntlmFlags.seal)).toBe(0)
    const [domain = '', user = ''] = account.username.split('\\')
    const { ntResponse, lmResponse } = responseV2({
      ntowf: ntowfV2(account.password, user, domain),
      serverChallenge: challenge.serverChallenge,
      clientChallenge: Buffer.alloc(8, 1),
      time: fileTime(new Date()),
      targetInfo: challenge.targetInfo,
    })
    const names = { domain, user, workstation: '' }
    const message = { ...names, flags: challenge.flags, ntResponse, lmResponse, encryptedSessionKey: Buffer.alloc(0) }
    expect(acceptor.accept(writeAuthenticate(message))).toEqual({ accepted: { user: account.username } })
  })

  it.for([
    ['another password', { username: account.username, password: 'other' }],
    ['another user', { username: 'EXLAB\\nobody', password: account.password }],
    ['another domain', { username: 'OTHER\\exadmin', password: account.password }],
  ] as const)('is refused with %s', ([, other]) => {
    const acceptor = begin()
    const initiator = new NtlmInitiator({ account: other, targetName })
    const { message } = initiator.authenticate(acceptor.challenge(initiator.negotiate()))
    expect(acceptor.accept(message)).toHaveProperty('refused')
  })

  it('is refused when somebody changed a message: the MIC covers all three', () => {
    const acceptor = begin()
    const initiator = new NtlmInitiator({ account, targetName })
    const { message } = initiator.authenticate(acceptor.challenge(initiator.negotiate()))
    expect(acceptor.accept(withMic(message, Buffer.alloc(16)))).toHaveProperty('refused')
    const changed = Buffer.from(message)
    changed.writeUInt8((changed[60] ?? 0) ^ 0x04, 60)
    expect(acceptor.accept(changed)).toHaveProperty('refused')
    expect(acceptor.accept(message)).toHaveProperty('accepted')
  })

  it('is refused at a server with another certificate than the client saw', () => {
    const mine = Buffer.from('tls-server-end-point:mine')
    const theirs = Buffer.from('tls-server-end-point:theirs')
    const logOn = (channelBinding: Buffer) => {
      const acceptor = begin({ channelBinding })
      const initiator = new NtlmInitiator({ account, targetName, channelBinding: mine })
      return acceptor.accept(initiator.authenticate(acceptor.challenge(initiator.negotiate())).message)
    }
    expect(logOn(mine)).toHaveProperty('accepted')
    expect(logOn(theirs)).toHaveProperty('refused')
  })

  it('goes on with a server that sends no time: no MIC, an LMv2 response', () => {
    const challenge = writeChallenge({
      flags: 0xe2898235,
      targetName: 'EXLAB',
      serverChallenge: Buffer.alloc(8, 1),
      targetInfo: writeAvPairs([{ id: avIds.domainName, value: utf16('AB') }]),
    })
    const { message, session } = new NtlmInitiator({ account, targetName }).authenticate(Buffer.from(challenge))
    expect(session.hasMic).toBe(false)
    expect(readAuthenticate(message).lmResponse.equals(Buffer.alloc(24))).toBe(false)
  })

  it('takes nothing less than sealing with 128 bits', () => {
    const weak = writeChallenge({
      flags: 0x00000201,
      targetName: '',
      serverChallenge: Buffer.alloc(8),
      targetInfo: Buffer.alloc(4),
    })
    expect(() => new NtlmInitiator({ account, targetName }).authenticate(weak)).toThrow(NtlmError)
  })

  it('knows the ways to write a user name, and the time of Windows', () => {
    expect(splitName('CONTOSO\\exadmin')).toEqual({ domain: 'CONTOSO', user: 'exadmin' })
    expect(splitName('exadmin@contoso.com')).toEqual({ domain: '', user: 'exadmin@contoso.com' })
    // MS-DTYP 2.3.3: 1601-01-01 is zero; the Unix epoch is 116444736000000000.
    expect(fileTime(new Date(0)).readBigUInt64LE()).toBe(116444736000000000n)
  })
})

describe('a channel binding', () => {
  it('is the hash of the certificate, by RFC 5929', async () => {
    const { tls } = await makeLabCertificates('x')
    const der = new X509Certificate(tls.cert).raw
    const hash = createHash('sha256').update(der).digest()
    expect(serverEndPoint(tls.certificate)).toEqual(Buffer.concat([Buffer.from('tls-server-end-point:'), hash]))
    expect(channelBindingHash(serverEndPoint(tls.certificate))).toHaveLength(16)
  })
})

describe('what a server offers', () => {
  const answer = (text: string) => ({ headers: { 'www-authenticate': text } })

  it.for([
    ['Negotiate', ['Negotiate']],
    ['Negotiate, Kerberos, Basic realm="WSMAN"', ['Negotiate', 'Kerberos', 'Basic']],
    ['Basic realm="a, b"', ['Basic']],
    ['Negotiate YII=, NTLM TlRM', ['Negotiate', 'NTLM']],
    ['', []],
  ] as const)('%s', ([text, schemes]) => {
    expect(offeredSchemes(answer(text))).toEqual(schemes)
  })

  it('comes with a token', () => {
    expect(tokenOf(answer('Negotiate, Basic realm="x"'), 'Negotiate')).toBeUndefined()
    expect(tokenOf(answer('Basic realm="x", Negotiate AAEC'), 'negotiate')).toEqual(Buffer.from([0, 1, 2]))
  })
})

describe('Negotiate with servers that do it otherwise', () => {
  const servers: Server[] = []
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      await new Promise(done => server.close(done))
    }
  })

  /** A server that takes bare NTLM in one scheme, and answers anything else with the list of what it takes. */
  async function bareServer(scheme: string, offers: string) {
    const asked: string[] = []
    const acceptors = new WeakMap<Socket, NtlmAcceptor>()
    const server = createServer((incoming, outgoing) => {
      incoming.resume()
      const [given = '', value = ''] = (incoming.headers.authorization ?? '').split(' ')
      const token = Buffer.from(value, 'base64')
      const say = (status: number, authenticate: string) =>
        outgoing.writeHead(status, { 'WWW-Authenticate': authenticate, 'Content-Length': '0' }).end()
      const bare = token.subarray(0, 7).toString('latin1') === 'NTLMSSP'
      asked.push(`${given} ${bare ? messageType(token) : 'SPNEGO'}`)
      if (given !== scheme || !bare) return say(401, offers)
      if (messageType(token) === 1) {
        const acceptor = new NtlmAcceptor({ computerName: 'EX-01', domain: 'EXLAB', passwordOf })
        acceptors.set(incoming.socket, acceptor)
        return say(401, `${scheme} ${acceptor.challenge(token).toString('base64')}`)
      }
      const verdict = acceptors.get(incoming.socket)?.accept(token)
      return say(verdict !== undefined && 'accepted' in verdict ? 200 : 401, scheme)
    })
    servers.push(server)
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
    return { asked, port: (server.address() as AddressInfo).port }
  }

  async function logOn(port: number, password = account.password) {
    const socket = connect(port, '127.0.0.1')
    await new Promise(done => socket.once('connect', done))
    const http = new HttpConnection(socket, { host: '127.0.0.1', port, path: '/wsman' })
    const method = negotiateLogon({ account: { ...account, password }, credentialName: 'lab' })
    const options = { timeoutMs: 5000, limitBytes: 100_000 }
    return method
      .logOn({
        where: 'ex-01',
        host: 'ex-01',
        ask: authorization => http.post({ Authorization: authorization }, Buffer.alloc(0), options),
      })
      .finally(() => http.close())
  }

  it('falls back to bare NTLM in the same scheme', async () => {
    const { asked, port } = await bareServer('Negotiate', 'Negotiate')
    expect((await logOn(port)).sealing).toBeDefined()
    expect(asked).toEqual(['Negotiate SPNEGO', 'Negotiate 1', 'Negotiate 3'])
  })

  it('takes the scheme NTLM where that is all there is', async () => {
    const { asked, port } = await bareServer('NTLM', 'NTLM, Basic realm="x"')
    expect((await logOn(port)).sealing).toBeDefined()
    expect(asked).toEqual(['Negotiate SPNEGO', 'NTLM 1', 'NTLM 3'])
  })

  it('sends a proof of a password once, whatever is offered then', async () => {
    const { asked, port } = await bareServer('Negotiate', 'Negotiate, NTLM')
    const error = await logOn(port, 'wrong').catch(error => error)
    expect(error).toBeInstanceOf(AuthError)
    expect(error).toMatchObject({ code: 'AUTH_FAILED' })
    expect(asked.filter(one => one.endsWith('3'))).toHaveLength(1)
  })

  it('says what a server takes that has nothing of it', async () => {
    const { port } = await bareServer('Digest', 'Digest realm="x", Basic realm="x"')
    const error = await logOn(port).catch(error => error)
    expect(error).toBeInstanceOf(AuthError)
    expect(error.message).toContain('takes Digest, Basic')
  })
})
