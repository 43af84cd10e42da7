import { X509Certificate } from 'node:crypto'
import { generate } from 'selfsigned'
import { describe, expect, it } from 'vitest'
import { certificateNote } from '../../src/doctor/certificate-note.js'

const made = await generate([{ name: 'commonName', value: 'ex-01' }], {
  keySize: 1024,
  notBeforeDate: new Date('2026-01-01'),
  notAfterDate: new Date('2027-01-01'),
})
const certificate = new X509Certificate(made.cert)
const strong = new X509Certificate(
  (
    await generate([{ name: 'commonName', value: 'ex-01' }], {
      keyType: 'ec',
      notBeforeDate: new Date('2026-01-01'),
      notAfterDate: new Date('2027-01-01'),
    })
  ).cert,
)

describe('what is worth knowing of a certificate that was taken', () => {
  it.for<[string, X509Certificate, boolean, string | undefined]>([
    ['2026-06-01', strong, false, undefined],
    ['2026-12-15', strong, false, 'TLS_EXPIRES'],
    ['2027-02-01', strong, false, 'TLS_EXPIRED'],
    ['2026-06-01', certificate, false, 'TLS_WEAK_KEY'],
    ['2026-06-01', strong, true, 'TLS_UNVERIFIED'],
  ])('on %s', ([day, shown, unverified, code]) => {
    expect(certificateNote(shown, { unverified, now: new Date(day) })?.code).toBe(code)
  })

  it('has the pin to write, where nothing was checked', () => {
    const note = certificateNote(strong, { unverified: true, now: new Date('2026-06-01') })
    expect(note?.fix).toContain(strong.fingerprint256)
  })
})
