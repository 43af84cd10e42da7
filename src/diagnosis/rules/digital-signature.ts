import type { Rule } from '../rule.js'
import { stated } from '../stated.js'

const watch = [
  'was rejected by digital signature policy',
  'did not pass the digital signature check',
  'has an invalid digital signature',
  'is not digitally signed or',
  'Error 1718.',
  'Note: 1: 1718',
  'Error 1330.',
  '0x800B0109',
  '0x800B010A',
  '0x80096010',
]

/** Windows Installer 1718 and 1330 (exchange.md 6.1, SIG-1718). */
export const digitalSignature: Rule = {
  id: 'digital-signature',
  title: 'The signature of the package was not accepted',
  about:
    'Error 1718: a software restriction or AppLocker policy rejects the file, or there was too little memory to check it. Error 1330: ' +
    'the cabinet is damaged or its certificate is not trusted here.',
  kinds: ['msi', 'events', 'exchange-setup', 'unknown'],
  watch,
  match: view => stated(view, watch),
  remedy: [
    'Check the package: Properties, Digital Signatures, Details must say that the signature is OK. If not, download it again.',
    'If it is: bring the root certificates up to date (certutil -generateSSTFromWU roots.sst on a computer with internet), and look for AppLocker or software restriction rules.',
    'Install again.',
  ],
}
