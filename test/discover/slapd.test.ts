import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { directoryDiscovery } from '../../src/discover/directory.js'
import { askDirectory } from '../../src/discover/ldap.js'
import { loopbackCertificate } from './certificates.js'
import { findSlapd, type Slapd, startSlapd } from './slapd.js'

const slapd = findSlapd()
const title = `OpenLDAP's server as a domain controller${slapd === undefined ? ' (skipped: no slapd here)' : ''}`

const suffix = 'CN=Configuration,DC=contoso,DC=com'
const administrator = `CN=reader,${suffix}`
const above = [
  'Servers',
  'Exchange Administrative Group',
  'Administrative Groups',
  'Contoso',
  'Microsoft Exchange',
  'Services',
]
const parents = above.map((_, at) =>
  above
    .slice(at)
    .map(name => `CN=${name}`)
    .join(','),
)
const entry = (dn: string, lines: string[]) => [`dn: ${dn}`, ...lines, ''].join('\n')
const servers = Array.from({ length: 600 }, (_, at) => `EX-${String(at).padStart(3, '0')}`)
const ldif = [
  entry(suffix, ['objectClass: container', 'cn: Configuration']),
  ...parents
    .toReversed()
    .map((dn, at) => entry(`${dn},${suffix}`, ['objectClass: container', `cn: ${above.toReversed()[at]}`])),
  ...servers.map(name =>
    entry(`CN=${name},${parents[0]},${suffix}`, [
      ...['objectClass: msExchExchangeServer', `cn: ${name}`, 'msExchCurrentServerRoles: 54'],
      ...[
        'serialNumber: Version 15.0 (Build 31497.2)',
        `networkAddress: netbios:${name}`,
        `networkAddress: ncacn_ip_tcp:${name.toLowerCase()}.contoso.com`,
      ],
      `msExchServerSite: CN=New York\\, Main,CN=Sites,${suffix}`,
      `msExchMDBAvailabilityGroupLink: CN=DAG1,CN=Database Availability Groups,${suffix}`,
    ]),
  ),
  entry(`CN=Transport,CN=EX-000,${parents[0]},${suffix}`, [
    'objectClass: msExchExchangeTransportServer',
    'cn: Transport',
  ]),
].join('\n')

describe.skipIf(slapd === undefined)(title, { timeout: 60_000 }, () => {
  let folder = ''
  let server: Slapd | undefined
  let ca = ''
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'exroll-slapd-'))
    const tls = await loopbackCertificate()
    ca = tls.cert
    if (slapd !== undefined)
      server = await startSlapd(slapd, { folder, suffix, administrator, password: 'S3cret', ldif, tls })
  }, 60_000)
  afterAll(async () => {
    await server?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it.each(['ldap', 'ldaps'] as const)('tells all its servers, more than a page of them, over %s', async kind => {
    const url = server?.[kind] ?? ''
    const entries = await askDirectory({ url, username: administrator, password: 'S3cret', ca })
    const { servers: found, notes } = directoryDiscovery(entries, url)
    expect(notes).toEqual([])
    expect(found.map(({ name }) => name).sort()).toEqual(servers)
    expect(found[0]).toEqual({
      ...{ name: found[0]?.name, host: `${found[0]?.name.toLowerCase()}.contoso.com`, roles: ['mailbox'] },
      ...{ site: 'New York, Main', version: '15.0.1497.2', cluster: { type: 'dag', name: 'DAG1' } },
    })
  })

  it('does not believe a certificate of nobody, and refuses a wrong password', async () => {
    const url = server?.ldaps ?? ''
    await expect(askDirectory({ url, username: administrator, password: 'S3cret' })).rejects.toMatchObject({
      code: 'LDAP_TLS',
    })
    await expect(askDirectory({ url, username: administrator, password: 'x', ca })).rejects.toMatchObject({
      code: 'LDAP_LOGON',
    })
  })
})
