import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { examine } from '../../src/doctor/examine.js'
import { type Hop, Way } from '../../src/doctor/hop.js'
import { lookAtKerberos } from '../../src/doctor/kerberos.js'
import { errorInfo } from '../../src/errors.js'
import { makeLabCertificates } from '../../src/lab/endpoint/winrm/certificate.js'
import { KerberosAcceptor } from '../../src/lab/endpoint/winrm/kerberos-acceptor.js'
import { loadKeytab } from '../../src/lab/endpoint/winrm/keytab.js'
import { startWinrmListeners } from '../../src/lab/endpoint/winrm/listeners.js'
import { openSecrets } from '../../src/secrets/secrets.js'
import { transports } from '../../src/transport/transport-for.js'
import { MemoryHost } from '../lab/endpoint/memory-host.js'
import { inventoryServer } from '../transport/inventory-server.js'
import { hasKdc, hasPackage, type Kdc, lendEnvironment, startKdc } from '../transport/winrm/kdc.js'
import { cacheFile } from '../transport/winrm/kerberos/cache-file.js'

describe.skipIf(process.platform === 'win32')(
  'doctor on Kerberos here (skipped on Windows, which has no cache files)',
  () => {
    let folder: string
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'exroll-doctor-'))
    })
    afterEach(() => rmSync(folder, { recursive: true }))

    async function look(KRB5CCNAME: string, load: () => Promise<unknown> = async () => ({})) {
      const way = new Way(() => 0, errorInfo)
      await lookAtKerberos(way, { env: { KRB5CCNAME }, uid: 0 }, load)
      return way.hops[0]
    }

    it('says where the tickets are', async () => {
      const path = join(folder, 'tickets')
      writeFileSync(path, cacheFile(4, [{ key: Buffer.alloc(32), ticket: Buffer.from('ticket') }]))
      expect(await look(`FILE:${path}`)).toMatchObject({
        outcome: 'ok',
        found: `the kerberos package is installed; tickets are in ${path}`,
      })
    })

    it('says how to get tickets that can seal', async () => {
      for (const name of [join(folder, 'nothing'), 'KEYRING:persistent:0']) {
        expect(await look(name)).toMatchObject({
          outcome: 'note',
          code: 'KERBEROS_NO_SEALING',
          fix: expect.stringContaining('kinit'),
        })
      }
    })

    it('asks for no tickets without the package', async () => {
      const missing = async (): Promise<unknown> => Promise.reject(new Error('not installed'))
      expect(await look(join(folder, 'nothing'), missing)).toMatchObject({ outcome: 'ok' })
    })
  },
)

describe.skipIf(!hasKdc || !hasPackage)(
  'doctor on a ticket over HTTPS (skipped without krb5-kdc and the kerberos package)',
  () => {
    let kdc: Kdc
    let giveBack: () => void
    beforeAll(async () => {
      kdc = await startKdc({ user: 'exadmin', principals: ['HTTP/localhost'] })
      giveBack = lendEnvironment(kdc)
    })
    afterAll(async () => {
      giveBack?.()
      await kdc?.close()
    })

    async function look(): Promise<Hop | undefined> {
      const certificates = await makeLabCertificates('exadmin')
      const listeners = await startWinrmListeners({
        host: new MemoryHost(),
        domain: 'EXLAB',
        certificates,
        kerberos: new KerberosAcceptor(await loadKeytab(kdc.env.KRB5_KTNAME)),
        scheme: 'https',
        otherCertificate: false,
      })
      const server = {
        ...inventoryServer(listeners.https, { name: 'lab', username: 'exadmin', agent: true }),
        host: 'localhost',
        transport: 'winrm' as const,
        winrm: { auth: 'kerberos' as const, scheme: 'https' as const, fingerprint: certificates.fingerprint },
      }
      const secrets = openSecrets({ env: {} })
      try {
        const { hops } = await examine({ server, secrets, transport: transports({ secrets })(server) })
        return hops.find(({ hop }) => hop === 'binding')
      } finally {
        await listeners.close()
      }
    }

    it("says that it is bound to the server's certificate", async () => {
      expect(await look()).toMatchObject({ outcome: 'ok', found: "the ticket is bound to the server's certificate" })
    })

    it('says why it is not, and how to bind it', async () => {
      const keytab = join(kdc.folder, 'client.keytab')
      kdc.kadmin('ktadd', '-norandkey', '-k', keytab, 'exadmin')
      process.env.KRB5_CLIENT_KTNAME = keytab
      process.env.KRB5CCNAME = `MEMORY:${kdc.folder}`
      try {
        expect(await look()).toMatchObject({
          outcome: 'note',
          code: 'KERBEROS_UNBOUND',
          found: expect.stringContaining('MEMORY:'),
          fix: expect.stringMatching(/KRB5CCNAME=FILE:.*CbtHardeningLevel=Strict/),
        })
      } finally {
        delete process.env.KRB5_CLIENT_KTNAME
        process.env.KRB5CCNAME = kdc.env.KRB5CCNAME
      }
    })
  },
)
