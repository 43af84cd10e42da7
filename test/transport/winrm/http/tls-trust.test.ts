import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls, { createServer, type Server } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LabCertificates, makeLabCertificates } from '../../../../src/lab/endpoint/winrm/certificate.js'
import { dial } from '../../../../src/transport/winrm/http/dial.js'
import { readAuthorities, type TlsTrust } from '../../../../src/transport/winrm/http/tls-trust.js'

describe('the certificate of a server', () => {
  let shown: LabCertificates
  let other: LabCertificates
  let server: Server

  beforeAll(async () => {
    shown = await makeLabCertificates('x')
    other = await makeLabCertificates('x')
    server = createServer(shown.tls)
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  })
  afterAll(() => new Promise(done => server.close(done)))

  async function outcome(trust: TlsTrust): Promise<string> {
    const { port } = server.address() as AddressInfo
    try {
      const { socket, certificate } = await dial({ host: '127.0.0.1', port, tls: { trust }, timeoutMs: 50_000 })
      socket.destroy()
      return certificate?.fingerprint256 === shown.fingerprint ? 'believed' : 'another certificate'
    } catch (error) {
      return String((error as { code?: unknown }).code)
    }
  }

  it.for<[string, () => TlsTrust, string]>([
    ['that no authority of this machine signed is refused', () => ({}), 'TLS_UNTRUSTED'],
    ['is believed where the inventory names its authority', () => ({ ca: shown.tls.cert }), 'believed'],
    ['of another authority than the named one is refused', () => ({ ca: other.tls.cert }), 'TLS_UNTRUSTED'],
    ['is believed by its SHA-256', () => ({ fingerprint: shown.fingerprint }), 'believed'],
    [
      'is believed by its SHA-1, in any spelling',
      () => ({ fingerprint: shown.tls.certificate.fingerprint.replaceAll(':', ' ').toLowerCase() }),
      'believed',
    ],
    ['other than the pinned one is refused', () => ({ fingerprint: other.fingerprint }), 'HOST_KEY_CHANGED'],
    [
      'other than the pinned one is refused although its authority is believed and nobody was to look',
      () => ({ fingerprint: other.fingerprint, ca: shown.tls.cert, unverified: true }),
      'HOST_KEY_CHANGED',
    ],
    ['is not looked at where the inventory excepts the server', () => ({ unverified: true }), 'believed'],
  ])('%s', async ([, trust, expected]) => {
    expect(await outcome(trust())).toBe(expected)
  })

  it('is believed from authorities that the operator names for every program', () => {
    const folder = mkdtempSync(join(tmpdir(), 'exroll-authorities-'))
    try {
      const [openssl, node] = [join(folder, 'openssl.pem'), join(folder, 'node.pem')]
      writeFileSync(openssl, shown.tls.cert)
      writeFileSync(node, other.tls.cert)
      const found = readAuthorities({ SSL_CERT_FILE: openssl, NODE_EXTRA_CA_CERTS: node })
      expect(found).toContain(other.tls.cert)
      // From 22.15 on Node reads the other variable itself, when it starts.
      if (!('getCACertificates' in tls)) expect(found).toContain(shown.tls.cert)
      const none = readAuthorities({ SSL_CERT_FILE: join(folder, 'none'), NODE_EXTRA_CA_CERTS: folder })
      expect(none).toEqual(readAuthorities({}))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
