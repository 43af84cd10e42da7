import { createHash, type X509Certificate } from 'node:crypto'
import { derTags, readElement, readElements, readOnly } from '../spnego/der.js'

/** Signature algorithms by object identifier, and the hash that RFC 5929 4.1 takes for each; SHA-256 for all others. */
const hashes: Readonly<Record<string, string>> = {
  // sha384WithRSAEncryption, sha512WithRSAEncryption
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
  // ecdsa-with-SHA384, ecdsa-with-SHA512
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
}

/**
 * The `tls-server-end-point` binding of a connection (RFC 5929 4): ties a logon to the certificate that the client saw, so that it
 * is worth nothing to somebody in between. MD5 and SHA-1 count as SHA-256.
 */
export function serverEndPoint(certificate: X509Certificate): Buffer {
  const [, algorithm] = readElements(readOnly(certificate.raw, derTags.sequence))
  const oid = algorithm === undefined ? '' : readElement(algorithm.content).element.content.toString('hex')
  const hash = createHash(hashes[oid] ?? 'sha256')
    .update(certificate.raw)
    .digest()
  return Buffer.concat([Buffer.from('tls-server-end-point:'), hash])
}

/** What NTLM and Kerberos send of a binding: MD5 of a gss_channel_bindings_struct (RFC 2744 3.11) that has application data only. */
export function channelBindingHash(applicationData: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(applicationData.length)
  return createHash('md5').update(Buffer.alloc(16)).update(length).update(applicationData).digest()
}
