import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { AuthError, ConnectError } from '../../errors.js'
import type { Credential } from '../../inventory/model.js'
import { readPrivateFile } from '../../secrets/private-file.js'
import type { Secrets } from '../../secrets/secrets.js'
import type { ClientCertificate } from './http/dial.js'

const certificates = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g

/**
 * The certificate that a credential logs on with, and its private key. Both are looked at here: TLS says of a wrong passphrase that
 * something has no start line. Throws `AuthError` CERTIFICATE_MISSING, KEY_UNREADABLE; `UsageError` as secrets do.
 */
export async function readCertificate(credential: Credential, secrets: Secrets): Promise<ClientCertificate> {
  const { key, name } = credential
  if (key === undefined) {
    throw new AuthError(`Credential ${name} has no certificate, which winrm auth certificate needs.`, {
      code: 'CERTIFICATE_MISSING',
      hint: 'Give it key: { file: PATH }: a PEM file with the certificate and its private key.',
    })
  }
  const pem = (await readPrivateFile(key.file)).toString('utf8')
  const certificate = parsed(pem.match(certificates)?.[0] ?? '')
  if (certificate === undefined || !/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) {
    throw new AuthError(`${key.file} has to hold a certificate and its private key, in PEM.`, {
      code: 'CERTIFICATE_MISSING',
      hint: 'openssl pkcs12 -in CERT.pfx -out CERT.pem writes both into one file.',
    })
  }
  const passphrase = await secrets.passphrase(credential)
  if (!certificate.checkPrivateKey(openKey(pem, passphrase, key.file))) {
    throw new AuthError(`The private key in ${key.file} is not that of the first certificate there.`, {
      code: 'KEY_UNREADABLE',
      hint: 'Put the certificate that goes with the key first, those of its authorities behind it.',
    })
  }
  return { pem, passphrase }
}

function openKey(pem: string, passphrase: string | undefined, file: string): KeyObject {
  try {
    return createPrivateKey({ key: pem, ...(passphrase !== undefined && { passphrase }) })
  } catch {
    // What OpenSSL says names neither the file nor the passphrase.
    const isLocked = passphrase === undefined && /-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(pem)
    throw new AuthError(
      isLocked
        ? `The private key in ${file} has a passphrase.`
        : `The private key in ${file} cannot be read${passphrase === undefined ? '' : ' with the passphrase given'}.`,
      {
        code: 'KEY_UNREADABLE',
        hint: isLocked
          ? 'Give it: key: { file: ..., passphrase: { env: NAME } }.'
          : `Try: openssl pkey -in ${file} -noout. openssl pkcs12 -in CERT.pfx -out CERT.pem writes it anew.`,
      },
    )
  }
}

/** The authorities in a file, PEM or a single one in DER as Windows exports it; as PEM. Throws `ConnectError` CA_UNREADABLE. */
export async function readAuthority(file: string): Promise<string> {
  const bytes = await readFile(file).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw authorityUnreadable(`${file} cannot be read (${code}).`)
  })
  const inPem = bytes.toString('latin1').match(certificates)
  const found = (inPem ?? [bytes]).map(parsed)
  if (inPem === null && found.includes(undefined)) throw authorityUnreadable(`${file} holds no certificate.`)
  if (found.includes(undefined)) throw authorityUnreadable(`${file} holds a certificate that cannot be read.`)
  return found.map(String).join('')
}

function parsed(certificate: string | Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(certificate)
  } catch {
    return undefined
  }
}

function authorityUnreadable(message: string): ConnectError {
  return new ConnectError(message, {
    code: 'CA_UNREADABLE',
    hint: 'Correct winrm.ca in the inventory: a file with the authority of the servers’ certificates, in PEM or DER.',
  })
}
