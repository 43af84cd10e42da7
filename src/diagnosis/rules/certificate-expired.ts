import type { Rule } from '../rule.js'
import { stated } from '../stated.js'

const watch = [
  'The certificate is expired',
  'The certificate has expired',
  'certificate with thumbprint',
  'The Exchange certificate',
]

/** "not valid for use with Exchange Server (reason: PrivateKeyMissing)": it is no date that is wrong. */
const other = /reason: (?!DateInvalid|Expired)\w/i

/** exchange.md 6.3. */
export const certificateExpired: Rule = {
  id: 'certificate-expired',
  title: 'A certificate that Exchange uses has expired',
  about:
    'Setup enables the certificates that services use, and stops at one that is no longer valid or no longer there.',
  kinds: ['exchange-setup', 'events', 'unknown'],
  watch,
  match(view) {
    const expired = {
      ...view,
      said: (phrase: string) =>
        view
          .said(phrase)
          .filter(({ text }) => /expired|not valid|not found|couldn't be found/i.test(text) && !other.test(text)),
    }
    return stated(expired, watch)
  },
  remedy: [
    'Find it by its thumbprint: Get-ExchangeCertificate | fl Thumbprint, Subject, NotAfter, Services',
    'Renew it: Get-ExchangeCertificate -Thumbprint X | New-ExchangeCertificate, and Enable-ExchangeCertificate for the same services. The OAuth certificate: New-ExchangeCertificate and Set-AuthConfig.',
    'Restart the server and run Setup again.',
  ],
}
