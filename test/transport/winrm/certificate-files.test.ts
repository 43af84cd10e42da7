import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Credential } from '../../../src/inventory/model.js'
import { type LabCertificates, makeLabCertificates } from '../../../src/lab/endpoint/winrm/certificate.js'
import { openSecrets } from '../../../src/secrets/secrets.js'
import { readAuthority, readCertificate } from '../../../src/transport/winrm/certificate-files.js'

let folder: string
let one: LabCertificates
let other: LabCertificates

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'exroll-certificates-'))
  one = await makeLabCertificates('exadmin')
  other = await makeLabCertificates('exadmin')
})
afterAll(() => rmSync(folder, { recursive: true }))

function fileWith(content: string | Uint8Array): string {
  const file = join(folder, 'file.pem')
  writeFileSync(file, content, { mode: 0o600 })
  return file
}

describe('a file with authorities', () => {
  const read = async (content: string | Uint8Array) =>
    [
      ...(await readAuthority(fileWith(content))).matchAll(
        /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g,
      ),
    ].map(([pem]) => new X509Certificate(pem).fingerprint256)

  it('is read in PEM, with words around the certificates, and in DER', async () => {
    expect(await read(`one\n${one.tls.cert}\nother\r\n${other.tls.cert}`)).toEqual([one.fingerprint, other.fingerprint])
    expect(await read(one.tls.certificate.raw)).toEqual([one.fingerprint])
  })

  it.for<[string, () => string | Uint8Array, string]>([
    ['holds something else', () => 'a letter', 'holds no certificate'],
    ['is empty', () => '', 'holds no certificate'],
    ['is cut', () => one.tls.certificate.raw.subarray(0, 200), 'holds no certificate'],
    [
      'holds a damaged certificate beside a whole one',
      () => `${one.tls.cert}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
      'cannot be read',
    ],
  ])('that %s is refused by its name', async ([, content, words]) => {
    const file = fileWith(content())
    await expect(readAuthority(file)).rejects.toMatchObject({
      name: 'ConnectError',
      code: 'CA_UNREADABLE',
      message: expect.stringMatching(new RegExp(`^${file}.*${words}`)),
    })
  })
})

describe('a file with the certificate that logs on', () => {
  const read = (content: string, passphrase?: string) => {
    const source = passphrase === undefined ? {} : { passphrase: { env: 'PASSPHRASE' } }
    const credential: Credential = { name: 'lab', username: 'exadmin', key: { file: fileWith(content), ...source } }
    return readCertificate(credential, openSecrets({ env: { PASSPHRASE: passphrase } }))
  }
  const certificate = (pem: string) => pem.slice(0, pem.indexOf('-----END CERTIFICATE-----') + 26)
  const key = (pem: string) => pem.slice(pem.indexOf('-----BEGIN PRIVATE KEY-----'))
  const locked = () =>
    certificate(one.clientPem) +
    createPrivateKey(one.clientPem).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'right' })

  it('is read, also with a passphrase', async () => {
    expect(await read(one.clientPem)).toEqual({ pem: one.clientPem, passphrase: undefined })
    expect(await read(locked(), 'right')).toEqual({ pem: expect.stringContaining('ENCRYPTED'), passphrase: 'right' })
  })

  it.for<[string, () => string, string | undefined, string, string]>([
    ['has no key', () => certificate(one.clientPem), undefined, 'CERTIFICATE_MISSING', 'private key'],
    ['has no certificate', () => key(one.clientPem), undefined, 'CERTIFICATE_MISSING', 'certificate'],
    ['has a passphrase that nobody gave', locked, undefined, 'KEY_UNREADABLE', 'has a passphrase'],
    ['has another passphrase', locked, 'Wr0ng', 'KEY_UNREADABLE', 'with the passphrase given'],
    [
      'holds a damaged key',
      () => `${certificate(one.clientPem)}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n`,
      undefined,
      'KEY_UNREADABLE',
      'cannot be read',
    ],
    [
      'holds the key of another certificate',
      () => certificate(one.clientPem) + key(other.clientPem),
      undefined,
      'KEY_UNREADABLE',
      'is not that of',
    ],
  ])('that %s is refused as a logon that cannot be', async ([, content, passphrase, code, words]) => {
    const error: unknown = await read(content(), passphrase).catch((error: unknown) => error)
    expect(error).toMatchObject({ name: 'AuthError', code, hint: expect.any(String) })
    expect(String(error)).toContain(words)
    expect(JSON.stringify(error)).not.toContain('Wr0ng')
  })
})
