import type { X509Certificate } from 'node:crypto'
import type { Named } from './hop.js'

const dayMs = 24 * 3600 * 1000
/** So long before its end a certificate is worth a word, in days. */
const soonDays = 30
/** RSA keys below are not taken by systems of today (NIST SP 800-131A). */
const leastRsaBits = 2048

/** What is worth knowing of a certificate that was taken. Pure. */
export function certificateNote(
  certificate: X509Certificate,
  { unverified, now }: { unverified: boolean; now: Date },
): Named | undefined {
  if (unverified) {
    return {
      code: 'TLS_UNVERIFIED',
      fix: `It was not checked. Pin it instead of certificate_check: winrm: { fingerprint: '${certificate.fingerprint256}' }.`,
    }
  }
  const days = Math.floor((Date.parse(certificate.validTo) - now.getTime()) / dayMs)
  if (days < 0) {
    return {
      code: 'TLS_EXPIRED',
      fix: `It ended ${-days} days ago, and is taken for its fingerprint alone. ${renewal}`,
    }
  }
  if (days < soonDays) return { code: 'TLS_EXPIRES', fix: `It ends in ${days} days. ${renewal}` }
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey
  const bits = asymmetricKeyDetails?.modulusLength
  if (asymmetricKeyType === 'rsa' && bits !== undefined && bits < leastRsaBits) {
    return { code: 'TLS_WEAK_KEY', fix: `Its RSA key has ${bits} bits. ${renewal}` }
  }
  return undefined
}

/** How a listener gets another certificate. */
const renewal =
  'Give the listener a new one: winrm set winrm/config/Listener?Address=*+Transport=HTTPS @{CertificateThumbprint="..."}.'
