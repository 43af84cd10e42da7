import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeLabCertificates } from '../../../../src/lab/endpoint/winrm/certificate.js'
import { startWinrmListeners, type WinrmListeners } from '../../../../src/lab/endpoint/winrm/listeners.js'
import { MemoryHost } from '../memory-host.js'

/** Debian's Python, for which its packages are; another one may come first in the PATH. */
const python = '/usr/bin/python3'
const has = (module: string): boolean => spawnSync(python, ['-c', `import ${module}`]).status === 0
const hasWinrm = has('winrm') && has('requests_ntlm')
const hasAnsible = hasWinrm && has('ansible.plugins.connection.winrm')

/** Python's NTLM asks OpenSSL for MD4, which OpenSSL 3 has in its legacy provider only. */
const legacyProviders = `openssl_conf = start
[start]
providers = all
[all]
default = on
legacy = on
[on]
activate = 1
`

describe('clients that were written elsewhere', () => {
  let folder: string
  let host: MemoryHost
  let listeners: WinrmListeners
  let openssl: string
  let authority: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'exroll-outside-'))
    openssl = join(folder, 'openssl.cnf')
    writeFileSync(openssl, legacyProviders)
    host = new MemoryHost()
    const user = (name: string): boolean => /^(EXLAB\\)?exadmin$/.test(name)
    host.passwordOf = name => (user(name) ? 'right' : undefined)
    host.logon = (name, password) => user(name) && password === 'right'
    const certificates = await makeLabCertificates('exadmin')
    authority = join(folder, 'ca.pem')
    writeFileSync(authority, certificates.tls.cert)
    listeners = await startWinrmListeners({
      host,
      domain: 'EXLAB',
      certificates,
      scheme: 'http',
      otherCertificate: false,
    })
  })
  afterAll(async () => {
    await listeners?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const runPython = (script: string, args: string[], password = 'right'): Promise<{ code: number; out: string }> =>
    new Promise((resolve, reject) => {
      const child = spawn(python, [join(import.meta.dirname, script), ...args], {
        env: { ...process.env, OPENSSL_CONF: openssl, REQUESTS_CA_BUNDLE: authority, HOME: folder },
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
      child.stdin.end(password)
    })

  describe.skipIf(!hasWinrm)('python3-winrm (skipped where Debian has not installed it)', () => {
    it.for(['http', 'https'] as const)('runs commands over NTLM, %s', async scheme => {
      const { code, out } = await runPython('pywinrm-commands.py', [`${scheme}://127.0.0.1:${listeners[scheme]}/wsman`])
      expect(code, out).toBe(0)
      const answers = out.trim().split('\n')
      expect(answers.map(line => JSON.parse(line))).toEqual([
        [0, 'ex-test-01\r\n', ''],
        [3, 'two words \r\n', ''],
        [1, '', expect.stringContaining("'nonsense' is not recognized")],
      ])
      expect(listeners.service.shellCount).toBe(0)
    })

    it('is refused with a wrong password', async () => {
      const url = `http://127.0.0.1:${listeners.http}/wsman`
      const { code, out } = await runPython('pywinrm-commands.py', [url], 'wrong')
      expect(code).not.toBe(0)
      expect(out).toContain('credentials were rejected')
    })
  })

  it.skipIf(!hasAnsible)(
    'Ansible copies a file there and back (skipped where Debian has not installed it)',
    async () => {
      const data = randomBytes(700_001)
      const sent = join(folder, 'sent.bin')
      const back = join(folder, 'back.bin')
      writeFileSync(sent, data)
      const there = 'C:\\Users\\exadmin\\it is there.bin'
      const { code, out } = await runPython('ansible-files.py', [String(listeners.http), sent, there, back])
      expect(code, out).toBe(0)
      expect(out).toContain('0 ex-test-01')
      expect(Buffer.from(host.files.read(there)).equals(data)).toBe(true)
      expect(readFileSync(back).equals(data)).toBe(true)
    },
  )
})
