import { X509Certificate } from 'node:crypto'
import type { WinrmTls } from './winrm.js'

/** What a lab's HTTPS listeners show, and what a client may show to them. */
export interface LabCertificates {
  tls: WinrmTls
  /** SHA-256 of the listeners' certificate, in hex with colons. */
  fingerprint: string
  /** A client's certificate with its key, in one PEM. */
  clientPem: string
}

/** Makes a certificate for 127.0.0.1 and one of a client, which it signs. `client` = the subject's common name. */
export async function makeLabCertificates(client: string): Promise<LabCertificates> {
  // Only a lab with HTTPS needs it: it brings a parser of certificates with it.
  const { generate } = await import('selfsigned')
  const made = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: '127.0.0.1' },
          { type: 2, value: 'localhost' },
        ],
      },
    ],
    clientCertificate: { cn: client, keyType: 'ec', algorithm: 'sha256' },
  })
  const certificate = new X509Certificate(made.cert)
  return {
    tls: {
      key: made.private,
      cert: made.cert,
      certificate,
      clientAuthority: made.cert,
      userOf: subject => (subject === client ? client : undefined),
    },
    fingerprint: certificate.fingerprint256,
    clientPem: `${made.clientcert ?? ''}\n${made.clientprivate ?? ''}\n`,
  }
}
