import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { makeLabCertificates } from '../../../../src/lab/endpoint/winrm/certificate.js'
import { bindToCertificate } from '../../../../src/transport/winrm/auth/kerberos-binding.js'
import { cacheFile } from './cache-file.js'
import { makeTicketToken } from './ticket.js'

// A Node of which OpenSSL has the FIPS provider is not at hand: it says this of MD5.
vi.mock('node:crypto', async importOriginal => {
  const crypto = await importOriginal<typeof import('node:crypto')>()
  const createHash: typeof crypto.createHash = (algorithm, options) => {
    if (algorithm === 'md5') throw new Error('error:0308010C:digital envelope routines::unsupported')
    return crypto.createHash(algorithm, options)
  }
  return { ...crypto, default: { ...crypto, createHash }, createHash }
})

it('a ticket goes unbound where Node runs in FIPS mode, with the reason', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'exroll-fips-'))
  try {
    const ticketKey = { type: 18, value: Buffer.alloc(32, 4) }
    const { token, ticket } = makeTicketToken({ serviceKey: { type: 18, value: Buffer.alloc(32, 3) }, ticketKey })
    const cache = join(folder, 'tickets')
    writeFileSync(cache, cacheFile(4, [{ key: ticketKey.value, ticket }]))
    const { tls } = await makeLabCertificates('exadmin')
    const owner = { env: { KRB5CCNAME: `FILE:${cache}` }, uid: 0 }
    expect(await bindToCertificate(token, tls.certificate, owner, 'linux')).toEqual({
      token,
      unbound: { why: expect.stringContaining('no MD5'), fix: expect.stringContaining('scheme: http') },
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
