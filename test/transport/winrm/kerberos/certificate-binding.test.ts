import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LabCertificates, makeLabCertificates } from '../../../../src/lab/endpoint/winrm/certificate.js'
import { bindToCertificate } from '../../../../src/transport/winrm/auth/kerberos-binding.js'
import { cacheFile } from './cache-file.js'
import { makeTicketToken } from './ticket.js'

const ticketKey = { type: 18, value: Buffer.alloc(32, 4) }
const { token, ticket } = makeTicketToken({ serviceKey: { type: 18, value: Buffer.alloc(32, 3) }, ticketKey })

describe('a ticket for a server over TLS', () => {
  let folder: string
  let certificates: LabCertificates
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'exroll-binding-'))
    writeFileSync(join(folder, 'tickets'), cacheFile(4, [{ key: ticketKey.value, ticket }]))
    certificates = await makeLabCertificates('exadmin')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const bind = (cache: string, platform: NodeJS.Platform = 'linux', request = token) =>
    bindToCertificate(
      request,
      certificates.tls.certificate,
      { env: { KRB5CCNAME: `FILE:${join(folder, cache)}` }, uid: 0 },
      platform,
    )

  it('is tied to its certificate with the key in the cache', async () => {
    const bound = await bind('tickets')
    expect(bound.unbound).toBeUndefined()
    expect(bound.token).toHaveLength(token.length)
    expect(bound.token).not.toEqual(token)
  })

  it.for<[string, () => ReturnType<typeof bind>, RegExp, RegExp]>([
    ['where the cache cannot be read', () => bind('nothing'), /nothing cannot be read \(ENOENT\)/, /KRB5CCNAME=FILE:/],
    ['on Windows, whatever there is', () => bind('tickets', 'win32'), /Windows keeps the keys/, /scheme: http/],
  ])('goes as it is %s, with the reason and what to do', async ([, attempt, why, fix]) => {
    expect(await attempt()).toEqual({
      token,
      unbound: { why: expect.stringMatching(why), fix: expect.stringMatching(fix) },
    })
  })

  it('goes as it is where the library made something else than a token of Kerberos', async () => {
    const request = Buffer.from('something else')
    expect(await bind('tickets', 'linux', request)).toMatchObject({
      token: request,
      unbound: { why: expect.any(String) },
    })
  })
})
