import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import tls, { type TLSSocket } from 'node:tls'
import { ConnectError } from '../../../errors.js'

/** Whom a server's certificate is believed from. */
export interface TlsTrust {
  /** SHA-1 or SHA-256 of the certificate in hex; then nothing else is asked. */
  fingerprint?: string | undefined
  /** PEM of the authorities that are believed in place of the system's. */
  ca?: string | undefined
  /** The inventory says that this server's certificate is not to be looked at. */
  unverified?: boolean | undefined
}

/** Where Linux systems keep the authorities that they trust. */
const bundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

let known: readonly string[] | undefined

/** Whom this machine believes, as PEM. */
export function systemAuthorities(): readonly string[] {
  known ??= readAuthorities(process.env)
  return known
}

/** Node's own authorities, the system's, and those that the operator's variables name for every program of OpenSSL or of Node. */
export function readAuthorities(env: NodeJS.ProcessEnv): readonly string[] {
  const extra = env.NODE_EXTRA_CA_CERTS === undefined ? undefined : readIfThere(env.NODE_EXTRA_CA_CERTS)
  return [...tls.rootCertificates, ...systemStore(env), ...(extra === undefined ? [] : [extra])]
}

function systemStore(env: NodeJS.ProcessEnv): readonly string[] {
  if ('getCACertificates' in tls && typeof tls.getCACertificates === 'function') {
    // Node 22.15 and later; the only way on Windows.
    return tls.getCACertificates('system') as string[]
  }
  const files = env.SSL_CERT_FILE === undefined ? bundles : [env.SSL_CERT_FILE, ...bundles]
  for (const file of files) {
    const text = readIfThere(file)
    if (text !== undefined) return [text]
  }
  return []
}

/** A file that is not there or cannot be read makes nobody believed, as with OpenSSL: the server is refused then, in words. */
function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** Why the certificate that `socket` was shown is not believed; undefined when it is. */
export function checkCertificate(socket: TLSSocket, trust: TlsTrust, where: string): ConnectError | undefined {
  const certificate = peerCertificate(socket)
  if (trust.fingerprint !== undefined) return checkPin(certificate, trust.fingerprint, where)
  if (trust.unverified === true || socket.authorized) return undefined
  const why = String(socket.authorizationError ?? 'not trusted')
  const { subjectAltName } = certificate
  const names = `${subjectOf(certificate)}${subjectAltName === undefined ? '' : ` (${subjectAltName})`}`
  const pin = `winrm: { fingerprint: '${certificate.fingerprint256}' }`
  return new ConnectError(
    `${where} shows a certificate that is not trusted (${why}): ${names}, of ${issuerOf(certificate)}, until ${certificate.validTo}.`,
    {
      code: 'TLS_UNTRUSTED',
      hint: `${remedyFor(why, certificate)} Or take this one for what it is, once you have compared it: ${pin}.`,
    },
  )
}

function issuerOf({ issuer, subject }: Pick<X509Certificate, 'issuer' | 'subject'>): string {
  return issuer === subject ? 'its own making' : subjectOf({ subject: issuer })
}

const newCertificate =
  'give its listener another: winrm set winrm/config/Listener?Address=*+Transport=HTTPS @{CertificateThumbprint="..."}'
const nameAuthority = 'name its authority in the inventory: winrm: { ca: FILE.pem }.'

/** What cures it, by Node's word for it. */
function remedyFor(why: string, { validFrom }: X509Certificate): string {
  const remedies: Readonly<Record<string, string>> = {
    ERR_TLS_CERT_ALTNAME_INVALID: `It is for other names than the host in the inventory: write one of its names as host, or ${newCertificate}.`,
    CERT_HAS_EXPIRED: `It has expired: ${newCertificate}.`,
    CERT_NOT_YET_VALID: `It is not valid before ${validFrom}: compare the clocks of both machines (w32tm /resync), or ${newCertificate}.`,
    DEPTH_ZERO_SELF_SIGNED_CERT: `It is self-signed: ${newCertificate}.`,
    SELF_SIGNED_CERT_IN_CHAIN: `Its authority is not one of those that are trusted: ${nameAuthority}`,
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: `Its authority is not known, or the server does not send the certificates between: ${nameAuthority}`,
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: `Its authority is not known: ${nameAuthority}`,
    INVALID_PURPOSE: `It is not for servers (no Server Authentication in its key usage): ${newCertificate}.`,
  }
  return remedies[why] ?? `Is it the right server? If so, ${newCertificate}.`
}

function checkPin(certificate: X509Certificate, pin: string, where: string): ConnectError | undefined {
  const wanted = plain(pin)
  const sha1 = wanted.length === 40
  const found = sha1 ? certificate.fingerprint : certificate.fingerprint256
  if (plain(found) === wanted) return undefined
  const kind = sha1 ? 'SHA1' : 'SHA256'
  return new ConnectError(`${where} shows another certificate: ${kind}:${found} instead of ${kind}:${pin}.`, {
    code: 'HOST_KEY_CHANGED',
    hint: 'Was the certificate renewed? Compare on the server (certutil -store My), then correct winrm.fingerprint. Else someone is in between.',
  })
}

/** Whose certificate it is, on one line. One without a name has no subject at all, whatever Node's types say. */
export function subjectOf({ subject }: { readonly subject: string | undefined }): string {
  return subject?.replaceAll('\n', ', ') ?? 'without a name'
}

export function peerCertificate(socket: TLSSocket): X509Certificate {
  const { raw } = socket.getPeerCertificate(false)
  if (raw === undefined) throw new ConnectError('The server shows no certificate.', { code: 'TLS_UNTRUSTED' })
  return new X509Certificate(raw)
}

function plain(fingerprint: string): string {
  return fingerprint.replace(/[: ]/g, '').toLowerCase()
}
