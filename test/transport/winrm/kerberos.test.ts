import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AuthError } from '../../../src/errors.js'
import { type LabCertificates, makeLabCertificates } from '../../../src/lab/endpoint/winrm/certificate.js'
import { kerberosLogon } from '../../../src/transport/winrm/auth/kerberos.js'
import { loadKerberos } from '../../../src/transport/winrm/auth/kerberos-module.js'
import { Channel } from '../../../src/transport/winrm/channel/channel.js'
import { ChannelPool } from '../../../src/transport/winrm/channel/channel-pool.js'
import { Shell } from '../../../src/transport/winrm/shell/shell.js'
import { WsmanClient } from '../../../src/transport/winrm/wsman/client.js'
import { hasKdc, hasPackage, type Kdc, lendEnvironment, realm, startKdc } from './kdc.js'

const python = '/usr/bin/python3'
const hasGssapi = spawnSync(python, ['-c', 'import gssapi']).status === 0

describe.skipIf(!hasKdc || !hasGssapi || !hasPackage)(
  'Kerberos (skipped without krb5-kdc, python3-gssapi and the kerberos package)',
  () => {
    let kdc: Kdc
    let certificates: LabCertificates
    let others: LabCertificates
    const servers: ChildProcess[] = []
    let giveBack: () => void

    beforeAll(async () => {
      kdc = await startKdc({ user: 'exadmin', principals: ['WSMAN/localhost'] })
      giveBack = lendEnvironment(kdc)
      certificates = await makeLabCertificates('exadmin')
      others = await makeLabCertificates('exadmin')
      writeFileSync(join(kdc.folder, 'cert.pem'), certificates.tls.cert)
      writeFileSync(join(kdc.folder, 'other.pem'), others.tls.cert)
      writeFileSync(join(kdc.folder, 'key.pem'), certificates.tls.key)
    })
    afterAll(async () => {
      for (const server of servers) {
        server.kill()
        await once(server, 'close')
      }
      giveBack?.()
      await kdc?.close()
    })

    async function serve(scheme: 'http' | 'https', offered = 'Negotiate', ...more: string[]): Promise<number> {
      const tls = scheme === 'https' ? [join(kdc.folder, 'cert.pem'), join(kdc.folder, 'key.pem')] : []
      const program = join(import.meta.dirname, 'gss-winrm-server.py')
      const server = spawn(python, [program, 'WSMAN@localhost', offered, ...tls, ...more], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      servers.push(server)
      const [line] = (await once(server.stdout, 'data')) as [Buffer]
      return Number(String(line).trim())
    }

    const open = (port: number, scheme: 'http' | 'https', spn: 'HTTP' | 'WSMAN', host = 'localhost') => {
      const method = kerberosLogon({ username: 'exadmin', spn })
      const target = { host, port, path: '/wsman', timeoutMs: 5000, username: 'exadmin', credentialName: 'x' }
      const tls = scheme === 'https' ? { tls: { trust: { ca: certificates.tls.cert } } } : {}
      return new ChannelPool(signal => Channel.open({ ...target, ...tls, method, clearText: false }, signal))
    }

    const logOn = async (port: number): Promise<void> => {
      const pool = open(port, 'https', 'WSMAN')
      await pool.use(async () => undefined).finally(() => pool.close())
    }

    it.for([
      ['Negotiate', 'WSMAN'],
      ['Negotiate', 'HTTP'],
      ['Kerberos', 'WSMAN'],
    ] as const)(
      'logs on over HTTPS in the scheme %s where the server insists on a channel binding, asked for %s first',
      async ([offered, spn]) => {
        const port = await serve('https', offered, '--bound-to', join(kdc.folder, 'cert.pem'))
        const pool = open(port, 'https', spn)
        const client = new WsmanClient({ pool, url: `https://localhost:${port}/wsman`, where: 'localhost' })
        for (let message = 0; message < 3; message += 1) {
          expect((await Shell.create(client)).id).toBe(`exadmin@${realm}`)
        }
        pool.close()
      },
    )

    it('is refused where the server has another certificate than the one that was seen', async () => {
      const port = await serve('https', 'Negotiate', '--bound-to', join(kdc.folder, 'other.pem'))
      await expect(logOn(port)).rejects.toMatchObject({
        code: 'AUTH_FAILED',
        hint: expect.stringContaining('the channel binding is not the server’s'),
      })
    })

    describe('with tickets that only the library can read', () => {
      beforeAll(() => {
        const keytab = join(kdc.folder, 'client.keytab')
        kdc.kadmin('ktadd', '-norandkey', '-k', keytab, 'exadmin')
        process.env.KRB5_CLIENT_KTNAME = keytab
        process.env.KRB5CCNAME = `MEMORY:${kdc.folder}`
      })
      afterAll(() => {
        delete process.env.KRB5_CLIENT_KTNAME
        process.env.KRB5CCNAME = kdc.env.KRB5CCNAME
      })

      it('is let in without a binding where the server insists on none', async () => {
        await logOn(await serve('https'))
      })

      it('is refused with the reason where it insists', async () => {
        const port = await serve('https', 'Negotiate', '--bound-to', join(kdc.folder, 'cert.pem'))
        await expect(logOn(port)).rejects.toMatchObject({
          code: 'AUTH_FAILED',
          hint: expect.stringMatching(
            /No channel binding was sent \(the tickets are in MEMORY:.*CbtHardeningLevel=Strict/,
          ),
        })
      })
    })

    it.for([-1, -20, -60])('believes no server whose proof was changed (byte %i)', async index => {
      await expect(logOn(await serve('https', 'Negotiate', '--damage', String(index)))).rejects.toMatchObject({
        code: 'AUTH_PROTOCOL',
      })
    })

    it.for(['Negotiate', 'Kerberos'])('seals many messages over HTTP, both ways, in the scheme %s', async offered => {
      const port = await serve('http', offered)
      const pool = open(port, 'http', 'WSMAN')
      const client = new WsmanClient({ pool, url: `http://localhost:${port}/wsman`, where: 'localhost' })
      for (let message = 0; message < 5; message += 1) {
        expect((await Shell.create(client)).id).toBe(`exadmin@${realm}`)
      }
      pool.close()
    })

    it('says that an address has no name for a ticket', async () => {
      const error = await open(await serve('http'), 'http', 'HTTP', '127.0.0.1')
        .use(async () => undefined)
        .catch(error => error)
      expect(error).toBeInstanceOf(AuthError)
      expect(error).toMatchObject({ code: 'KERBEROS_NO_TICKET', hint: expect.stringContaining('name') })
    })
  },
)

describe('Kerberos without its package', () => {
  it('is refused with what to install', async () => {
    await expect(loadKerberos('a package that is not there')).rejects.toMatchObject({
      code: 'KERBEROS_MISSING',
      hint: expect.stringContaining('npm install kerberos'),
    })
  })
})
