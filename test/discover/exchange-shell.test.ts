import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exchangeDiscovery } from '../../src/discover/exchange.js'
import { askExchangeShell } from '../../src/discover/exchange-shell.js'
import { missingPwsh } from '../powershell/missing-pwsh.js'
import { standInModule } from '../powershell/stand-in-module.js'

const reason = missingPwsh()
const title = (text: string) => (reason === '' ? text : `${text} (skipped: ${reason})`)

/** Cmdlets as an organisation of 2007 with a CCR pair and a DAG of 2010 answers them. */
const organisation = `
function Get-ExchangeServer {
  function New-Server($Name, $Role, $Version, $Site) {
    New-Object PSObject -Property @{ Name = $Name; Fqdn = "$Name.contoso.com".ToLower(); ServerRole = $Role; AdminDisplayVersion = $Version
      Site = "contoso.com/Configuration/Sites/$Site" }
  }
  [Console]::Out.WriteLine('a banner of the profile')
  New-Server 'EX-CAS-01' 'ClientAccess, HubTransport' 'Version 8.1 (Build 240.6)' 'London'
  New-Server 'CMS1' 'Mailbox' 'Version 8.1 (Build 240.6)' ('Z' + [char]252 + 'rich')
  New-Server 'SCC1' 'Mailbox' 'Version 8.1 (Build 240.6)' 'London'
  New-Server 'EX-MBX-10' 'Mailbox' 'Version 14.3 (Build 123.4)' 'London'
}
function Get-MailboxServer {
  New-Object PSObject -Property @{ Name = 'CMS1'; ClusteredStorageType = 'NonShared'; RedundantMachines = @('NODEA', 'NODEB') }
  New-Object PSObject -Property @{ Name = 'SCC1'; ClusteredStorageType = 'Shared'; RedundantMachines = @() }
  New-Object PSObject -Property @{ Name = 'EX-MBX-10'; DatabaseAvailabilityGroup = 'DAG1' }
}
function Get-ClusteredMailboxServerStatus($Identity) {
  New-Object PSObject -Property @{ Identity = $Identity; OperationalMachines = @('NODEX <Active, Quorum Owner>', 'NODEY') }
}
`

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'exroll-exchange-shell-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** An environment in which PowerShell finds these functions as it finds the management tools: by loading a module by itself. */
function withCommands(name: string, text: string): NodeJS.ProcessEnv {
  standInModule(join(folder, name), 'FakeExchange', text)
  return { ...process.env, PSModulePath: join(folder, name), USERDOMAIN: 'CONTOSO', USERNAME: 'exadmin' }
}

describe.skipIf(reason !== '')(title('the PowerShell of this machine'), { timeout: 120_000 }, () => {
  it('tells servers, sites, versions, nodes of clusters, groups, and who asked', async () => {
    const { discovery, operator } = exchangeDiscovery(
      await askExchangeShell({ env: withCommands('whole', organisation) }),
    )
    const old = { version: '8.1.240.6' }
    expect(discovery.notes).toEqual([])
    expect(discovery.servers).toEqual([
      { name: 'EX-CAS-01', host: 'ex-cas-01.contoso.com', roles: ['cas', 'hub'], site: 'London', ...old },
      ...['NODEA', 'NODEB'].map(name => ({
        ...{ name, host: `${name}.contoso.com`, roles: ['mailbox'], site: 'Zürich', ...old },
        cluster: { type: 'ccr', name: 'CMS1' },
      })),
      ...['NODEX', 'NODEY'].map(name => ({
        ...{ name, host: `${name}.contoso.com`, roles: ['mailbox'], site: 'London', ...old },
        cluster: { type: 'scc', name: 'SCC1' },
      })),
      {
        ...{
          name: 'EX-MBX-10',
          host: 'ex-mbx-10.contoso.com',
          roles: ['mailbox'],
          site: 'London',
          version: '14.3.123.4',
        },
        cluster: { type: 'dag', name: 'DAG1' },
      },
    ])
    expect(operator).toBe('CONTOSO\\exadmin')
  })

  it('says what to install when there is no Get-ExchangeServer', async () => {
    const output = await askExchangeShell({ env: withCommands('bare', 'function Get-Nothing { }') })
    expect(() => exchangeDiscovery(output)).toThrowError(
      expect.objectContaining({
        code: 'EXCHANGE_TOOLS_MISSING',
        hint: expect.stringContaining('ManagementTools'),
        exitCode: 3,
      }),
    )
  })

  it('hands on what Exchange says when it refuses', async () => {
    const refusing = "function Get-ExchangeServer { throw 'the directory is not within reach' }"
    const output = await askExchangeShell({ env: withCommands('refusing', refusing) })
    expect(() => exchangeDiscovery(output)).toThrowError(
      expect.objectContaining({
        code: 'EXCHANGE_QUERY',
        message: expect.stringContaining('the directory is not within reach'),
      }),
    )
  })

  it('ends a shell that says nothing', async () => {
    const env = withCommands('silent', 'function Get-ExchangeServer { [Threading.Thread]::Sleep(600000) }')
    await expect(askExchangeShell({ env, timeoutMs: 100 })).rejects.toMatchObject({ code: 'EXCHANGE_TIMEOUT' })
  })
})

describe('what a PowerShell printed', () => {
  it('is not believed without its end', () => {
    const line = { server: { name: 'a', fqdn: '', role: 'Edge', site: '', version: '' } }
    expect(() => exchangeDiscovery(JSON.stringify(line))).toThrowError(
      expect.objectContaining({ code: 'EXCHANGE_ANSWER' }),
    )
    const { discovery } = exchangeDiscovery(
      `WARNING: x\n{ no JSON\n${JSON.stringify(line)}\n{"end":{"operator":"me"}}\n`,
    )
    expect(discovery.servers).toEqual([{ name: 'a', host: 'a', roles: ['edge'] }])
  })
})

describe('a machine without PowerShell', () => {
  it('is refused with what to do', async () => {
    await expect(async () => askExchangeShell({ env: { PATH: '' }, platform: 'linux' })).rejects.toMatchObject({
      ...{ code: 'PWSH_MISSING', exitCode: 3 },
      hint: expect.stringContaining('--ldap'),
    })
  })

  it('is not taken for one that has it because its PowerShell ends at once', async () => {
    await expect(async () =>
      askExchangeShell({ env: { EXROLL_PWSH: '/bin/false' }, platform: 'linux' }),
    ).rejects.toMatchObject({ code: 'EXCHANGE_SHELL' })
  })
})
