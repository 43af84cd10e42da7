import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeLabCertificates } from '../../../../src/lab/endpoint/winrm/certificate.js'
import { KerberosAcceptor } from '../../../../src/lab/endpoint/winrm/kerberos-acceptor.js'
import { loadKeytab } from '../../../../src/lab/endpoint/winrm/keytab.js'
import { startWinrmListeners, type WinrmListeners } from '../../../../src/lab/endpoint/winrm/listeners.js'
import { hasKdc, type Kdc, startKdc } from '../../../transport/winrm/kdc.js'
import { MemoryHost } from '../memory-host.js'

/** Debian's Python, for which its packages are; another one may come first in the PATH. */
const python = '/usr/bin/python3'
const has = (...modules: string[]): boolean =>
  hasKdc && spawnSync(python, ['-c', `import ${modules.join(', ')}`]).status === 0

describe.skipIf(!hasKdc)('Kerberos at the endpoint of the lab (skipped without krb5-kdc)', () => {
  let kdc: Kdc
  let host: MemoryHost
  let listeners: WinrmListeners
  let authority: string

  beforeAll(async () => {
    kdc = await startKdc({ user: 'exadmin', principals: ['HTTP/localhost'], withoutKey: ['WSMAN/localhost'] })
    host = new MemoryHost()
    const certificates = await makeLabCertificates('exadmin')
    authority = join(kdc.folder, 'ca.pem')
    writeFileSync(authority, certificates.tls.cert)
    listeners = await startWinrmListeners({
      host,
      domain: 'EXLAB',
      certificates,
      kerberos: new KerberosAcceptor(await loadKeytab(kdc.env.KRB5_KTNAME ?? '')),
      scheme: 'http',
      otherCertificate: false,
    })
  })
  afterAll(async () => {
    await listeners?.close()
    await kdc?.close()
  })

  const runPython = (script: string, ...args: string[]): Promise<{ code: number; out: string }> =>
    new Promise((resolve, reject) => {
      const child = spawn(python, [join(import.meta.dirname, script), ...args], {
        env: { ...process.env, ...kdc.env, REQUESTS_CA_BUNDLE: authority, HOME: kdc.folder },
      })
      let out = ''
      child.stdout.on('data', chunk => {
        out += String(chunk)
      })
      child.stderr.on('data', chunk => {
        out += String(chunk)
      })
      child.once('error', reject)
      child.once('close', code => resolve({ code: code ?? -1, out }))
      child.stdin.end()
    })

  describe.skipIf(!has('gssapi'))("MIT's GSSAPI (skipped without python3-gssapi)", () => {
    it.for([
      ['http', 'Negotiate', 'spnego'],
      ['http', 'Negotiate', 'kerberos'],
      ['http', 'Kerberos', 'kerberos'],
      ['https', 'Negotiate', 'spnego'],
    ] as const)(
      'runs a command over %s in the scheme %s, a token of %s',
      async ([scheme, authorization, mechanism]) => {
        const url = `${scheme}://localhost:${listeners[scheme]}/wsman`
        const { code, out } = await runPython('gss-commands.py', url, 'HTTP@localhost', authorization, mechanism)
        expect(code, out).toBe(0)
        expect(out.trim()).toBe('0 ex-test-01')
        expect(listeners.service.shellCount).toBe(0)
      },
    )

    it('is let in over https with a ticket that is bound to the certificate, and not with one bound to another', async () => {
      const url = `https://localhost:${listeners.https}/wsman`
      const other = join(kdc.folder, 'other.pem')
      writeFileSync(other, (await makeLabCertificates('exadmin')).tls.cert)
      const run = (certificate: string) =>
        runPython('gss-commands.py', url, 'HTTP@localhost', 'Negotiate', 'spnego', certificate)
      const right = await run(authority)
      expect(right.code, right.out).toBe(0)
      const wrong = await run(other)
      expect(wrong.code).not.toBe(0)
      expect(wrong.out).toContain('HTTP 401')
    })

    it('is told that a ticket is for a name that the listener has no key of', async () => {
      const url = `http://localhost:${listeners.http}/wsman`
      const { code, out } = await runPython('gss-commands.py', url, 'WSMAN@localhost', 'Kerberos', 'kerberos')
      expect(code).not.toBe(0)
      expect(out).toMatch(/The ticket isn't for us|KRB_AP_ERR_NOT_US/i)
      expect(out).toContain('HTTP 401')
    })

    it('is refused where the server does not know the account', async () => {
      const { passwordOf } = host
      host.passwordOf = () => undefined
      const url = `http://localhost:${listeners.http}/wsman`
      const { code, out } = await runPython('gss-commands.py', url, 'HTTP@localhost', 'Negotiate', 'spnego')
      host.passwordOf = passwordOf
      expect(code).not.toBe(0)
      expect(out).toContain('HTTP 401')
    })
  })

  it.skipIf(!has('winrm', 'requests_kerberos', 'ansible.plugins.connection.winrm'))(
    'Ansible copies a file there and back over HTTPS (skipped without ansible-core and python3-requests-kerberos)',
    async () => {
      const data = randomBytes(70_001)
      const [sent, back] = [join(kdc.folder, 'sent.bin'), join(kdc.folder, 'back.bin')]
      writeFileSync(sent, data)
      const there = 'C:\\Users\\exadmin\\it is there.bin'
      const { code, out } = await runPython('ansible-files.py', `${listeners.https}`, sent, there, back, 'kerberos')
      expect(code, out).toBe(0)
      expect(out).toContain('0 ex-test-01')
      expect(Buffer.from(host.files.read(there)).equals(data)).toBe(true)
      expect(readFileSync(back).equals(data)).toBe(true)
    },
  )

  it.skipIf(!has('winrm', 'requests_kerberos'))(
    'python3-winrm runs a command over HTTPS (skipped without python3-winrm and python3-requests-kerberos)',
    async () => {
      const { code, out } = await runPython('pywinrm-kerberos.py', `https://localhost:${listeners.https}/wsman`)
      expect(code, out).toBe(0)
      expect(out).toContain('0 ex-test-01')
    },
  )
})
