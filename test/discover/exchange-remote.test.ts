import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exchangeDiscovery } from '../../src/discover/exchange.js'
import { askExchangeShell } from '../../src/discover/exchange-shell.js'
import { findPowerShell } from '../../src/powershell/find.js'
import { missingPwsh } from '../powershell/missing-pwsh.js'
import { type Sshd, startSshd, whyNoSshd } from '../transport/sshd.js'

const reason = missingPwsh() || ((await whyNoSshd()) ?? '')

/** Commands of the endpoint, which as that of Exchange takes single commands and no language. */
const endpoint = `
function global:Get-ExchangeServer {
  foreach ($name in 'EX-HUB-01', 'EX-MBX-10') {
    New-Object PSObject -Property @{ Name = $name; Fqdn = "$name.contoso.com".ToLower(); ServerRole = 'Mailbox, HubTransport'
      AdminDisplayVersion = 'Version 14.3 (Build 123.4)'; Site = 'contoso.com/Configuration/Sites/London' }
  }
}
function global:Get-MailboxServer {
  foreach ($name in 'EX-HUB-01', 'EX-MBX-10') { New-Object PSObject -Property @{ Name = $name; DatabaseAvailabilityGroup = 'DAG1'; RedundantMachines = @() } }
}
$ExecutionContext.SessionState.LanguageMode = 'NoLanguage'
`

let sshd: Sshd
let env: NodeJS.ProcessEnv
const asked = () => readFileSync(join(sshd.folder, 'asked'), 'utf8').trim()

describe.skipIf(reason !== '')(
  `the remote PowerShell of an Exchange server${reason && ` (skipped: ${reason})`}`,
  { timeout: 120_000 },
  () => {
    beforeAll(async () => {
      const found = findPowerShell(process.env)
      const pwsh = 'program' in found ? found.program : ''
      sshd = await startSshd([`Subsystem powershell ${pwsh} -sshs -NoLogo -NoProfile`])
      // PowerShell has no WSMan client outside Windows: a profile takes New-PSSession's place, notes how it was called, and gives a real session
      // over SSH to an endpoint without a language.
      const profile = `
function New-PSSession {
  param($ConfigurationName, $ConnectionUri, $Authentication)
  [IO.File]::WriteAllText('${join(sshd.folder, 'asked')}', "$ConfigurationName $ConnectionUri $Authentication")
  if ($ConnectionUri -notmatch 'ex-hub-01') { throw 'The WinRM client cannot complete the operation.' }
  $options = @{ StrictHostKeyChecking = 'no'; UserKnownHostsFile = '/dev/null'; LogLevel = 'ERROR' }
  $session = Microsoft.PowerShell.Core\\New-PSSession -HostName 127.0.0.1 -Port ${sshd.port} -UserName '${sshd.username}' -KeyFilePath '${sshd.keyFile}' -Options $options
  Invoke-Command -Session $session -ScriptBlock ([ScriptBlock]::Create([IO.File]::ReadAllText('${join(sshd.folder, 'endpoint.ps1')}')))
  try { Invoke-Command -Session $session -ErrorAction Stop -ScriptBlock { 1 + 1 } } catch { [IO.File]::AppendAllText('${join(sshd.folder, 'asked')}', ', no language') }
  return $session
}
`
      writeFileSync(join(sshd.folder, 'endpoint.ps1'), endpoint)
      mkdirSync(join(sshd.folder, 'profile-of', 'powershell'), { recursive: true })
      writeFileSync(join(sshd.folder, 'profile-of', 'powershell', 'profile.ps1'), profile)
      const program = join(sshd.folder, 'pwsh-with-profile')
      const dropped = 'for word do shift; [ "$word" = -NoProfile ] || set -- "$@" "$word"; done'
      writeFileSync(program, `#!/bin/sh\n${dropped}\nexec '${pwsh}' "$@"\n`)
      chmodSync(program, 0o755)
      env = { ...process.env, EXROLL_PWSH: program, XDG_CONFIG_HOME: join(sshd.folder, 'profile-of') }
    })
    afterAll(() => sshd?.close())

    it('is asked with single commands, as it has no language, under the logon of the operator', async () => {
      const output = await askExchangeShell({ env, remote: 'ex-hub-01.contoso.com' })
      const { discovery } = exchangeDiscovery(output)
      const known = { roles: ['hub', 'mailbox'], site: 'London', version: '14.3.123.4' }
      const cluster = { type: 'dag', name: 'DAG1' }
      expect(discovery.notes).toEqual([])
      expect(discovery.servers).toEqual([
        { name: 'EX-HUB-01', host: 'ex-hub-01.contoso.com', ...known, cluster },
        { name: 'EX-MBX-10', host: 'ex-mbx-10.contoso.com', ...known, cluster },
      ])
      expect(asked()).toBe('Microsoft.Exchange http://ex-hub-01.contoso.com/PowerShell/ Kerberos, no language')
    })

    it('that is not there is one clear error', async () => {
      const output = await askExchangeShell({ env, remote: 'ex-old-01.contoso.com' })
      expect(() => exchangeDiscovery(output)).toThrowError(
        expect.objectContaining({
          code: 'EXCHANGE_REMOTE',
          message: expect.stringContaining('WinRM client'),
          hint: expect.stringContaining('2007 has no remote PowerShell'),
        }),
      )
    })
  },
)
