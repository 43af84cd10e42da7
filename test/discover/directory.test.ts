import { describe, expect, it } from 'vitest'
import { type DirectoryEntry, directoryDiscovery, rdnValue } from '../../src/discover/directory.js'
import { exchangeVersion } from '../../src/discover/exchange-version.js'
import { rolesOfMask, rolesOfWords } from '../../src/discover/server-roles.js'

function entry(attributes: Record<string, string | string[]>): DirectoryEntry {
  return new Map(Object.entries(attributes).map(([name, value]) => [name.toLowerCase(), [value].flat()]))
}

describe('roles', () => {
  it.each([
    [64, '8.1.240.6', ['edge']],
    [4, '8.1.240.6', ['cas']],
    [32 + 16, '14.3.123.4', ['hub', 'um']],
    [2 + 4 + 32, '14.3.123.4', ['cas', 'hub', 'mailbox']],
    [16_385, '15.0.1497.2', ['cas']],
    [54, '15.0.1497.2', ['mailbox']],
    [16_439, '15.0.1497.2', ['cas', 'mailbox']],
    [16_439, '15.1.2507.6', ['mailbox']],
    [64, '15.1.2507.6', ['edge']],
    [0, '15.1.2507.6', []],
  ])('of the mask %i of %s are %j', (mask, version, roles) => {
    expect(rolesOfMask(mask, version)).toEqual(roles)
  })

  it('are the same from the words of Get-ExchangeServer', () => {
    expect(rolesOfWords('Mailbox, ClientAccess, HubTransport, UnifiedMessaging', '8.1.240.6')).toEqual([
      'cas',
      'hub',
      'um',
      'mailbox',
    ])
    expect(rolesOfWords('Mailbox, ClientAccess', '15.0.1497.2')).toEqual(['cas', 'mailbox'])
    expect(rolesOfWords('Mailbox', '15.2.1118.7')).toEqual(['mailbox'])
    expect(rolesOfWords('None')).toEqual([])
  })
})

describe('exchangeVersion', () => {
  it.each([
    ['Version 8.1 (Build 240.6)', '8.1.240.6'],
    ['Version 15.1 (Build 32507.006)', '15.1.2507.6'],
    ['Version 14.3 (Build 30123.4)', '14.3.123.4'],
    ['8.1', undefined],
  ])('%s is %s', (text, version) => {
    expect(exchangeVersion(text)).toBe(version)
  })
})

describe('rdnValue', () => {
  it.each([
    ['CN=London,CN=Sites,CN=Configuration,DC=contoso,DC=com', 'London'],
    ['CN=New York\\, Main,CN=Sites', 'New York, Main'],
    ['CN=Z\\C3\\BCrich,CN=Sites', 'Zürich'],
    [undefined, undefined],
  ])('of %s is %s', (name, value) => {
    expect(rdnValue(name)).toBe(value)
  })
})

describe('directoryDiscovery', () => {
  it('makes servers of entries, nodes of a clustered mailbox server, and members of a DAG', () => {
    const { servers, notes } = directoryDiscovery(
      [
        entry({
          ...{ cn: 'EX-CAS-01', serialNumber: 'Version 8.1 (Build 30240.6)', msExchCurrentServerRoles: '4' },
          networkAddress: [
            'ncacn_vns_spp:EX-CAS-01',
            'netbios:EX-CAS-01',
            'ncacn_np:EX-CAS-01',
            'ncacn_ip_tcp:ex-cas-01.contoso.com',
          ],
          msExchServerSite: 'CN=London,CN=Sites,CN=Configuration,DC=contoso,DC=com',
        }),
        entry({
          ...{
            cn: 'CMS1',
            msExchCurrentServerRoles: '2',
            msExchClusterStorageType: '1',
            networkAddress: 'ncacn_ip_tcp:cms1.contoso.com',
          },
          msExchServerRedundantMachines: ['NODEA', 'NODEB'],
        }),
        entry({
          ...{ cn: 'EX-MBX-10', msExchCurrentServerRoles: '54', networkAddress: 'ncacn_ip_tcp:ex-mbx-10.contoso.com' },
          ...{
            msExchMDBAvailabilityGroupLink: 'CN=DAG1,CN=Database Availability Groups,CN=X',
            serialNumber: 'Version 15.0 (Build 31497.2)',
          },
        }),
        entry({ cn: 'CMS2', msExchCurrentServerRoles: '2', msExchClusterStorageType: '2' }),
      ],
      'ldaps://dc1',
    )
    const ccr = { type: 'ccr', name: 'CMS1' }
    expect(servers).toEqual([
      { name: 'EX-CAS-01', host: 'ex-cas-01.contoso.com', roles: ['cas'], site: 'London', version: '8.1.240.6' },
      { name: 'NODEA', host: 'NODEA.contoso.com', roles: ['mailbox'], cluster: ccr },
      { name: 'NODEB', host: 'NODEB.contoso.com', roles: ['mailbox'], cluster: ccr },
      {
        ...{ name: 'EX-MBX-10', host: 'ex-mbx-10.contoso.com', roles: ['mailbox'], version: '15.0.1497.2' },
        cluster: { type: 'dag', name: 'DAG1' },
      },
    ])
    expect(notes).toEqual([expect.stringContaining('CMS2')])
  })
})
