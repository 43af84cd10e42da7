import { createServer as createHttp } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type Examination, examine } from '../../src/doctor/examine.js'
import { examinationLines } from '../../src/doctor/report-text.js'
import { lookAtUnknownHost } from '../../src/doctor/unknown-host.js'
import type { Credential, SshOptions } from '../../src/inventory/model.js'
import { startSshEndpoint } from '../../src/lab/endpoint/ssh.js'
import { openSecrets } from '../../src/secrets/secrets.js'
import { transports } from '../../src/transport/transport-for.js'
import { MemoryHost } from '../lab/endpoint/memory-host.js'
import { inventoryServer } from '../transport/inventory-server.js'
import { testKey } from '../transport/ssh/keys.js'
import { type SshServerOptions, startSshServer } from '../transport/ssh/ssh-server.js'

const key = testKey('ed25519')
const known: SshOptions = { hostKey: key.fingerprint }
/** Of TCPMUX (RFC 1078), which nobody has: the system gives it to no server of another test meanwhile. */
const closedPort = 1
const toClose: (() => unknown)[] = []

afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close()
})

/** What doctor says of a server at `port`. */
async function look(port: number, ssh: SshOptions = known, changes: Partial<Credential> = {}): Promise<Examination> {
  const credential = { name: 'lab', username: 'exadmin', password: { env: 'PASSWORD' }, ...changes }
  const server = inventoryServer(port, credential, ssh)
  const secrets = openSecrets({ env: { PASSWORD: 'right' } })
  return examine({ server, secrets, transport: transports({ secrets })(server) })
}

async function daemon(options: Partial<SshServerOptions> = {}): Promise<number> {
  const server = await startSshServer({ hostKeys: [key.private], ...options })
  toClose.push(() => server.close())
  return server.port
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  toClose.push(() => new Promise(done => server.close(done)))
  return (server.address() as AddressInfo).port
}

async function saying(words: string): Promise<number> {
  return listening(
    createServer(socket => {
      socket.on('error', () => socket.destroy())
      socket.resume().end(`${words}\r\n`)
    }),
  )
}

/** A jump host of the lab, which carries on to 127.0.0.1. */
async function jumpHost(): Promise<string> {
  const endpoint = await startSshEndpoint({ host: new MemoryHost(), hostKey: key.private })
  toClose.push(() => endpoint.close())
  return `127.0.0.1:${endpoint.port}`
}

const wrong = ({ hops }: Examination) =>
  hops.filter(({ outcome }) => outcome === 'failed').map(({ hop, code }) => `${hop} ${code}`)

describe('doctor names what is wrong with the way to an SSH server', () => {
  it.for<[string, string, () => Promise<Examination>]>([
    [
      'a key that is not the pinned one',
      'host-key HOST_KEY_CHANGED',
      async () => look(await daemon(), { hostKey: `SHA256:${'A'.repeat(43)}` }),
    ],
    [
      'a key that nobody knows',
      'host-key HOST_KEY_UNKNOWN',
      async () => look(await daemon(), { knownHosts: '/nowhere/known_hosts' }),
    ],
    [
      'a web server',
      'host-key NOT_SSH',
      async () => look(await listening(createHttp((_incoming, outgoing) => outgoing.writeHead(404).end()))),
    ],
    ['a mail server', 'host-key NOT_SSH', async () => look(await saying('220 ex-01 ESMTP'))],
    ['a server of SSH 1', 'host-key HANDSHAKE_FAILED', async () => look(await saying('SSH-1.5-Old'))],
    ['too many connections', 'host-key CONNECT_FAILED', async () => look(await saying('Exceeded MaxStartups'))],
    [
      'a server that takes keys alone, and a password',
      'offered SCHEME_NOT_OFFERED',
      async () => look(await daemon({ logon: context => context.reject(['publickey']) })),
    ],
    [
      'a wrong password',
      'logon AUTH_FAILED',
      async () => look(await daemon({ logon: context => context.reject(['password']) })),
    ],
    [
      'a shell that is not cmd.exe',
      'shell SHELL_BROKEN',
      async () =>
        look(
          await daemon({
            command: channel => {
              channel.exit(1)
              channel.end()
            },
          }),
        ),
    ],
    [
      'a connection that is cut by a command',
      'shell CONNECTION_LOST',
      async () => {
        const server = await startSshServer({ hostKeys: [key.private], command: () => server.cut() })
        toClose.push(() => server.close())
        return look(server.port)
      },
    ],
    [
      'a server without SFTP',
      'sftp SFTP_REFUSED',
      async () =>
        look(
          await daemon({
            command: channel => {
              channel.exit(7)
              channel.end()
            },
          }),
        ),
    ],
    [
      'a jump host that is not there',
      'port CONNECT_FAILED',
      async () => look(22, { ...known, jump: `127.0.0.1:${closedPort}`, jumpHostKey: key.fingerprint }),
    ],
    [
      'a jump host with another key',
      'host-key HOST_KEY_CHANGED',
      async () => look(22, { ...known, jump: await jumpHost(), jumpHostKey: `SHA256:${'A'.repeat(43)}` }),
    ],
    [
      'a server that the jump host does not get to',
      'logon CONNECT_FAILED',
      async () => look(closedPort, { ...known, jump: await jumpHost(), jumpHostKey: key.fingerprint }),
    ],
  ])('%s', async ([, expected, examineIt]) => {
    const examination = await examineIt()
    expect(wrong(examination)).toEqual([expected])
    const at = examination.hops.findIndex(({ outcome }) => outcome === 'failed')
    expect(examination.hops[at]?.fix).toEqual(expect.any(String))
    expect(examination.hops.slice(at + 1).every(({ outcome }) => outcome === 'skipped')).toBe(true)
    expect(examinationLines(examination).join('\n')).toContain(expected.split(' ')[1])
  })

  it('has the lines to add for a key that nobody knows, each on its own', async () => {
    const lines = examinationLines(await look(await daemon(), { knownHosts: '/nowhere/known_hosts' }))
    expect(lines.find(line => line.trim() === `ssh: { host_key: '${key.fingerprint}' }`)).toBeDefined()
  })

  it('sends no password to find out what is taken', async () => {
    const tries: string[] = []
    const port = await daemon({
      logon: context => {
        tries.push(`${context.username} ${context.method}`)
        context.reject(['publickey'])
      },
    })
    await look(port)
    expect(tries).toEqual(['exroll none'])
  })

  it('gets through a jump host to a name that only it knows', async () => {
    const port = await daemon()
    const { hops, where } = await look(port, { ...known, jump: await jumpHost(), jumpHostKey: key.fingerprint })
    expect(where).toMatch(/ through 127\.0\.0\.1:\d+$/)
    expect(hops.find(({ hop }) => hop === 'logon')).toMatchObject({ outcome: 'ok' })
    expect(hops.find(({ hop }) => hop === 'host-key')?.found).toContain('jump host')
  })

  it('without an inventory shows what an unknown server takes, and its key', async () => {
    const port = await daemon({ logon: context => context.reject(['publickey', 'password']) })
    const [way] = await lookAtUnknownHost('127.0.0.1', port)
    expect(way?.hops.find(({ hop }) => hop === 'host-key')).toMatchObject({
      outcome: 'note',
      code: 'HOST_KEY_UNKNOWN',
      found: expect.stringContaining(key.fingerprint),
    })
    expect(way?.hops.find(({ hop }) => hop === 'offered')).toMatchObject({ found: 'takes publickey, password' })
  })
})
