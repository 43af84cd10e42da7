import { X509Certificate } from 'node:crypto'
import { createServer as createHttp } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { connect as connectTls, createServer as createTls } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { generate } from 'selfsigned'
import { afterEach, describe, expect, it } from 'vitest'
import { type Examination, examine } from '../../src/doctor/examine.js'
import { examinationLines } from '../../src/doctor/report-text.js'
import { lookAtUnknownHost } from '../../src/doctor/unknown-host.js'
import type { InventoryServer, WinrmOptions } from '../../src/inventory/model.js'
import { parseInventory } from '../../src/inventory/parse.js'
import { makeLabCertificates } from '../../src/lab/endpoint/winrm/certificate.js'
import type { WinrmQuotas } from '../../src/lab/endpoint/winrm/lab-shell.js'
import { startWinrmEndpoint, type WinrmTls } from '../../src/lab/endpoint/winrm/winrm.js'
import { WsmanService } from '../../src/lab/endpoint/winrm/wsman-service.js'
import { Lab } from '../../src/lab/lab.js'
import { openSecrets } from '../../src/secrets/secrets.js'
import { transports } from '../../src/transport/transport-for.js'
import { MemoryHost } from '../lab/endpoint/memory-host.js'
import { inventoryServer } from '../transport/inventory-server.js'

const toClose: (() => unknown)[] = []

afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close()
})

/** What doctor says of a server at `port`. */
async function look(
  port: number,
  winrm: WinrmOptions = {},
  changes: Partial<InventoryServer> = {},
): Promise<Examination> {
  const credential = { name: 'lab', username: 'exadmin', password: { env: 'PASSWORD' } }
  const server = { ...inventoryServer(port, credential), transport: 'winrm' as const, winrm, ...changes }
  const secrets = openSecrets({ env: { PASSWORD: 'right' } })
  return examine({ server, secrets, transport: transports({ secrets })(server) })
}

/** A lab's listener that works, unless something is changed. */
async function listener({
  host = new MemoryHost(),
  tls,
  quotas,
}: {
  host?: MemoryHost
  tls?: WinrmTls
  quotas?: Partial<WinrmQuotas>
} = {}) {
  const service = new WsmanService({ host, ...(quotas !== undefined && { quotas }) })
  const endpoint = await startWinrmEndpoint({ host, service, domain: 'EXLAB', ...(tls !== undefined && { tls }) })
  toClose.push(
    () => service.close(),
    () => endpoint.close(),
  )
  return endpoint.port
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  toClose.push(() => new Promise(done => server.close(done)))
  return (server.address() as AddressInfo).port
}

async function answering(status: number, headers: Record<string, string>): Promise<number> {
  return listening(
    createHttp((incoming, outgoing) => {
      incoming.resume()
      outgoing.writeHead(status, { connection: 'close', ...headers }).end()
    }),
  )
}

/** A server that speaks first, and knows no other way. */
async function greeting(words: string): Promise<number> {
  return listening(
    createServer(socket => {
      socket.on('error', () => socket.destroy())
      socket.write(`${words}\r\n`)
      socket.once('data', () => socket.destroy())
    }),
  )
}

/** As HTTP.sys does where no certificate is bound to the port. */
async function resetting(): Promise<number> {
  return listening(
    createServer(socket => {
      socket.on('error', () => socket.destroy())
      socket.once('data', () => socket.resetAndDestroy())
    }),
  )
}

/** What Windows answers to Basic over HTTP where AllowUnencrypted is false. */
async function refusingBasic(): Promise<number> {
  return listening(
    createHttp((incoming, outgoing) => {
      incoming.resume()
      const offered = { connection: 'close', 'www-authenticate': 'Basic realm="WSMAN"' }
      if (incoming.headers.authorization === undefined) outgoing.writeHead(401, offered).end()
      else outgoing.writeHead(500, { connection: 'close' }).end()
    }),
  )
}

const tlsOf = async (options: Parameters<typeof generate>[1]): Promise<WinrmTls> => {
  const made = await generate([{ name: 'commonName', value: 'ex-other-01' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ...options,
  })
  return { key: made.private, cert: made.cert, certificate: new X509Certificate(made.cert) }
}

/** Past a proxy that shows a certificate of its own. */
async function lookThroughProxy(): Promise<Examination> {
  const port = await listener({ tls: (await makeLabCertificates('x')).tls })
  const { key, cert, certificate } = await tlsOf({})
  const proxy = createTls({ key, cert }, socket => {
    const onward = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false })
    for (const end of [socket, onward]) end.on('error', () => end.destroy())
    socket.pipe(onward).pipe(socket)
  })
  return look(await listening(proxy), { scheme: 'https', fingerprint: certificate.fingerprint256 })
}

/** The hop that failed, or the notes where none did. */
const wrong = ({ hops }: Examination) =>
  hops.filter(({ outcome }) => outcome === 'failed').map(({ hop, code }) => `${hop} ${code}`)

describe('doctor names what is wrong with the way to a server', () => {
  it.for<[string, string, () => Promise<Examination>]>([
    ['a host that has no address', 'name NAME_UNKNOWN', () => look(5985, {}, { host: `${'x'.repeat(64)}.invalid` })],
    // TCPMUX (RFC 1078), which nobody has.
    ['a port that nothing listens on', 'port CONNECT_FAILED', () => look(1)],
    [
      'TLS on the port of HTTP',
      'offered SCHEME_WRONG',
      async () => look(await listener({ tls: (await makeLabCertificates('x')).tls })),
    ],
    ['HTTP on the port of HTTPS', 'tls SCHEME_WRONG', async () => look(await listener(), { scheme: 'https' })],
    [
      'a certificate of an unknown authority',
      'tls TLS_UNTRUSTED',
      async () => look(await listener({ tls: (await makeLabCertificates('x')).tls }), { scheme: 'https' }),
    ],
    [
      'a certificate for another name',
      'tls TLS_UNTRUSTED',
      async () => look(await listener({ tls: await tlsOf({}) }), { scheme: 'https' }),
    ],
    [
      'a certificate that has expired',
      'tls TLS_UNTRUSTED',
      async () => {
        const tls = await tlsOf({ notBeforeDate: new Date('2020-01-01'), notAfterDate: new Date('2021-01-01') })
        return look(await listener({ tls }), { scheme: 'https' })
      },
    ],
    [
      'a certificate that is not the pinned one',
      'tls HOST_KEY_CHANGED',
      async () =>
        look(await listener({ tls: (await makeLabCertificates('x')).tls }), {
          scheme: 'https',
          fingerprint: `${'AA:'.repeat(31)}AA`,
        }),
    ],
    ['a web server', 'offered NOT_WSMAN', async () => look(await answering(404, { server: 'Apache' }))],
    ['a page for guests', 'offered NOT_WSMAN', async () => look(await answering(200, { 'content-type': 'text/html' }))],
    ['a proxy that wants a logon', 'offered PROXY_LOGON', async () => look(await answering(407, { server: 'squid' }))],
    [
      'the logon of something else',
      'offered NOT_WSMAN',
      async () => look(await answering(401, { server: 'lighttpd', 'www-authenticate': 'Basic realm="Switch"' })),
    ],
    ['an SSH server', 'offered NOT_WSMAN', async () => look(await greeting('SSH-2.0-OpenSSH_for_Windows_9.5'))],
    [
      'a mail server on the port of HTTPS',
      'tls NOT_WSMAN',
      async () => look(await greeting('220 ex-01 Microsoft ESMTP MAIL Service ready'), { scheme: 'https' }),
    ],
    [
      'a listener of HTTPS without a certificate',
      'tls CONNECT_FAILED',
      async () => look(await resetting(), { scheme: 'https' }),
    ],
    [
      'an authority that is no certificate',
      'tls CA_UNREADABLE',
      async () => look(await listener(), { scheme: 'https', ca: fileURLToPath(import.meta.url) }),
    ],
    [
      'a server that asks for a logon and names no scheme',
      'offered SCHEME_NOT_OFFERED',
      async () => look(await answering(401, {})),
    ],
    [
      'a server that takes no NTLM',
      'logon NTLM_REFUSED',
      async () => look(await answering(401, { 'www-authenticate': 'Negotiate', connection: 'keep-alive' })),
    ],
    [
      'a server that takes nothing unencrypted',
      'logon HTTP_STATUS',
      async () => look(await refusingBasic(), { auth: 'basic', clearText: true }),
    ],
    [
      'a redirection',
      'offered WINRM_REDIRECT',
      async () => look(await answering(302, { location: 'https://elsewhere/' })),
    ],
    [
      'a server that takes Basic only',
      'offered SCHEME_NOT_OFFERED',
      async () => look(await answering(401, { 'www-authenticate': 'Basic realm="WSMAN"' })),
    ],
    [
      'a server that takes no Kerberos',
      'offered SCHEME_NOT_OFFERED',
      async () => look(await answering(401, { 'www-authenticate': 'Basic realm="WSMAN"' }), { auth: 'kerberos' }),
    ],
    [
      'a clock that Kerberos does not take',
      'clock CLOCK_SKEW',
      async () =>
        look(await answering(401, { 'www-authenticate': 'Negotiate', date: 'Mon, 01 Jan 2024 00:00:00 GMT' }), {
          auth: 'kerberos',
        }),
    ],
    [
      'a password that cannot be had',
      'logon PASSWORD_MISSING',
      async () => look(await listener(), {}, { credential: { name: 'lab', username: 'exadmin' } }),
    ],
    [
      'a wrong password',
      'logon AUTH_FAILED',
      async () => {
        const host = new MemoryHost()
        host.passwordOf = () => 'another'
        return look(await listener({ host }))
      },
    ],
    ['a proxy that ends TLS in between', 'logon AUTH_FAILED', () => lookThroughProxy()],
    [
      'no shell left for the account',
      'shell QUOTA_SHELLS',
      async () => look(await listener({ quotas: { maxShellsPerUser: 0 } })),
    ],
    [
      'no operation left for the account',
      'shell QUOTA_OPERATIONS',
      async () => look(await listener({ quotas: { maxOperationsPerUser: 0 } })),
    ],
    [
      'messages that are too small for a script',
      'quotas ENVELOPE_TOO_LARGE',
      async () => look(await listener({ quotas: { maxEnvelopeKilobytes: 32 } })),
    ],
    ['a server without PowerShell', 'powershell SCRIPT_NO_RESULT', async () => look(await listener())],
  ])('%s', async ([, expected, examineIt]) => {
    const examination = await examineIt()
    expect(wrong(examination)).toEqual([expected])
    const failed = examination.hops.find(({ outcome }) => outcome === 'failed')
    expect(failed?.fix).toEqual(expect.any(String))
    const lines = examinationLines(examination).join('\n')
    expect(lines).toContain(expected.split(' ')[1])
    expect(lines).not.toContain('right\n')
  })

  it.for<[string, number, Record<string, string>, string]>([
    ['a WinRM service that is ill', 503, { server: 'Microsoft-HTTPAPI/2.0' }, 'Restart-Service WinRM'],
    ['a port of Windows without a listener', 404, { server: 'Microsoft-HTTPAPI/2.0' }, 'winrm quickconfig'],
    ['a listener for another name', 400, { server: 'Microsoft-HTTPAPI/2.0' }, 'Address=*'],
    ['a gateway', 502, { server: 'nginx' }, 'load balancer'],
    ['Kerberos alone', 401, { 'www-authenticate': 'Kerberos' }, 'winrm: { auth: kerberos }'],
    ['CredSSP alone', 401, { 'www-authenticate': 'CredSSP' }, '@{Negotiate="true"}'],
  ])('%s, with the fix for just that', async ([, status, headers, fix]) => {
    const { hops } = await look(await answering(status, headers))
    expect(hops.find(({ hop }) => hop === 'offered')?.fix).toContain(fix)
  })

  it.for<[Partial<WinrmQuotas>, string]>([
    [{ maxProcessesPerShell: 2 }, 'QUOTA_PROCESSES'],
    [{ maxShellsPerUser: 2 }, 'QUOTA_SHELLS'],
    [{ maxMemoryPerShellMegabytes: 80 }, 'QUOTA_MEMORY'],
  ])('a quota that some of a run does not fit into, without failing for it: %o', async ([quotas, code]) => {
    const { hops } = await look(await listener({ quotas }))
    expect(hops.find(({ hop }) => hop === 'quotas')).toMatchObject({
      outcome: 'note',
      code,
      fix: expect.stringContaining('In PowerShell'),
    })
  })

  it('a proxy by the name of the server behind it, and none where the certificate is the server’s own', async () => {
    const logon = ({ hops }: Examination) => hops.find(({ hop }) => hop === 'logon')
    const past = logon(await lookThroughProxy())
    expect(past).toMatchObject({
      found: expect.stringContaining('EX-TEST-01 of EXLAB'),
      fix: expect.stringContaining('not for EX-TEST-01'),
    })
    expect(past?.fix).toContain('channel binding')
    const host = new MemoryHost()
    host.passwordOf = () => 'another'
    const altNames = [{ type: 2 as const, value: 'ex-test-01.exlab.example' }]
    const tls = await tlsOf({ extensions: [{ name: 'subjectAltName', altNames }] })
    const fingerprint = tls.certificate.fingerprint256
    const direct = logon(await look(await listener({ host, tls }), { scheme: 'https', fingerprint }))
    expect(direct).toMatchObject({ code: 'AUTH_FAILED', fix: expect.not.stringContaining('channel binding') })
  })

  it('a clock that is wrong, without failing for it', async () => {
    const port = await answering(401, { 'www-authenticate': 'Negotiate', date: 'Mon, 01 Jan 2024 00:00:00 GMT' })
    const { hops } = await look(port)
    expect(hops.find(({ hop }) => hop === 'clock')).toMatchObject({ outcome: 'note', code: 'CLOCK_SKEW' })
  })
})

describe('doctor at a server that is not Windows', () => {
  it('asks again, naming a scheme, where nobody is answered without one (OMI)', async () => {
    const port = await listening(
      createHttp((incoming, outgoing) => {
        incoming.resume()
        const takes = { 'www-authenticate': 'Basic realm="WSMAN", Negotiate, Kerberos' }
        if (incoming.headers.authorization !== undefined)
          outgoing.writeHead(401, { connection: 'close', ...takes }).end()
      }),
    )
    const { hops } = await look(port)
    expect(hops.find(({ hop }) => hop === 'offered')).toMatchObject({
      outcome: 'ok',
      found: expect.stringContaining('Basic, Negotiate, Kerberos'),
    })
  })
})

describe('doctor at a server of the lab', () => {
  async function lookAtLab(
    transport: 'ssh' | 'winrm',
    fault?: 'not-elevated' | 'gpo-execution-policy' | 'execution-policy' | 'host-key-changed',
    breakIt: (lab: Lab) => void = () => undefined,
  ): Promise<Examination> {
    const faults = fault === undefined ? [] : [{ name: fault }]
    const lab = await Lab.start({ servers: 1, seed: 3, faults, timeScale: 600, transport })
    toClose.push(() => lab.dispose())
    breakIt(lab)
    const { servers } = parseInventory(lab.inventoryYaml({ passwordFile: '/nowhere' }), '/inventory.yaml')
    const [found] = servers
    if (found === undefined) throw new Error('no server')
    const credential = { name: 'lab', username: 'EXLAB\\exadmin', password: { env: 'PASSWORD' } }
    const secrets = openSecrets({ env: { PASSWORD: lab.password } })
    const server = { ...found, credential }
    const examination = await examine({ server, secrets, transport: transports({ secrets })(server) })
    expect(JSON.stringify(examination)).not.toContain(lab.password)
    expect(lab.state().servers['ex-mbx-01']?.writes).toBe(0)
    return examination
  }

  it.for(['ssh', 'winrm'] as const)('finds nothing wrong and changes nothing, over %s', async transport => {
    const { hops, reached } = await lookAtLab(transport)
    expect(reached).toBe(true)
    expect(hops.filter(({ outcome }) => outcome !== 'ok')).toEqual([])
  })

  it('a machine that gets to no domain controller', async () => {
    const { hops } = await lookAtLab('winrm', undefined, lab => {
      lab.server('ex-mbx-01').domainController = undefined
    })
    expect(hops.find(({ hop }) => hop === 'directory')).toMatchObject({
      outcome: 'failed',
      code: 'DIRECTORY_UNREACHABLE',
      found: expect.stringContaining('1355'),
    })
  })

  it('a filtered token', async () => {
    expect(wrong(await lookAtLab('winrm', 'not-elevated'))).toEqual(['token NOT_ELEVATED'])
  })

  it.for([
    ['gpo-execution-policy', 'failed', 'GPO_EXECUTION_POLICY'],
    ['execution-policy', 'note', 'EXECUTION_POLICY'],
  ] as const)('a policy that would stop the installer: %s', async ([fault, outcome, code]) => {
    const { hops } = await lookAtLab('winrm', fault)
    expect(hops.find(({ hop }) => hop === 'policy')).toMatchObject({ outcome, code })
    expect(hops.at(-1)).toMatchObject({ hop: 'revocation', outcome: 'ok' })
  })

  it.for([
    ['ssh', 'host-key'],
    ['winrm', 'tls'],
  ] as const)('another key than the inventory says, over %s', async ([transport, hop]) => {
    expect(wrong(await lookAtLab(transport, 'host-key-changed'))).toEqual([`${hop} HOST_KEY_CHANGED`])
  })
})

describe('doctor without an inventory', () => {
  it('says what a listener takes, without logging on', async () => {
    const host = new MemoryHost()
    const ways = await lookAtUnknownHost('127.0.0.1', await listener({ host }))
    expect(ways.map(({ transport }) => transport)).toEqual(['winrm'])
    expect(ways[0]?.hops.map(({ hop, outcome }) => `${hop} ${outcome}`)).toEqual([
      'name ok',
      'port ok',
      'offered ok',
      'clock ok',
    ])
    expect(host.logons).toEqual([])
  })

  it('takes a port for what it speaks', async () => {
    const { tls } = await makeLabCertificates('x')
    const [https] = await lookAtUnknownHost('127.0.0.1', await listener({ tls }))
    expect(https).toMatchObject({ transport: 'winrm over https' })
    expect(https?.hops.find(({ hop }) => hop === 'tls')).toMatchObject({ outcome: 'note', code: 'TLS_UNTRUSTED' })
    expect(https?.hops.find(({ hop }) => hop === 'offered')).toMatchObject({ outcome: 'ok' })
    const [ssh] = await lookAtUnknownHost('127.0.0.1', await greeting('SSH-2.0-OpenSSH_9.5'))
    expect(ssh).toMatchObject({ transport: 'ssh' })
  })

  it('tells what is taken without asking for one of them', async () => {
    const [way] = await lookAtUnknownHost('127.0.0.1', await answering(401, { 'www-authenticate': 'Kerberos' }))
    expect(way?.hops.find(({ hop }) => hop === 'offered')).toMatchObject({ outcome: 'ok' })
    const [none] = await lookAtUnknownHost('127.0.0.1', await answering(401, { 'www-authenticate': 'CredSSP' }))
    expect(none?.hops.find(({ hop }) => hop === 'offered')).toMatchObject({ code: 'SCHEME_NOT_OFFERED' })
  })
})
