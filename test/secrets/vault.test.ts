import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resolveSecret } from '../../src/secrets/resolve.js'
import { missingPwsh } from '../powershell/missing-pwsh.js'
import { standInModule } from '../powershell/stand-in-module.js'

const reason = missingPwsh()

/** SecretManagement with a secret of each kind; what it writes elsewhere must be no part of a secret. */
const secretManagement = `
function Get-Secret([string]$Name, [string]$Vault) {
  [Console]::Out.WriteLine('the vault says hello')
  $secure = New-Object Security.SecureString
  foreach ($char in ('Wört$(x)"' + [char]0x65e5 + "'").ToCharArray()) { $secure.AppendChar($char) }
  if ($Name -eq 'secure') { return $secure }
  if ($Name -eq 'credential') { return (New-Object Management.Automation.PSCredential @('CONTOSO\\exadmin', $secure)) }
  if ($Name -eq 'text') { return "of $Vault" }
  if ($Name -eq 'table') { return @{ a = 1 } }
  if ($Name -eq 'slow') { [Threading.Thread]::Sleep(600000) }
  throw "The secret $Name was not found."
}
`

let folder = ''
let env: NodeJS.ProcessEnv
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'exroll-vault-'))
  standInModule(join(folder, 'modules'), 'Microsoft.PowerShell.SecretManagement', secretManagement)
  env = { ...process.env, PSModulePath: join(folder, 'modules') }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(reason !== '')(
  `a secret of PowerShell SecretManagement${reason && ` (skipped: ${reason})`}`,
  { timeout: 120_000 },
  () => {
    const ask = (entry: string, name?: string, commandTimeoutMs?: number) =>
      resolveSecret(
        { vault: name === undefined ? { entry } : { entry, name } },
        { env, ...(commandTimeoutMs !== undefined && { commandTimeoutMs }) },
      )

    it('arrives sign by sign, whatever kind it is kept as, and of a credential its password', async () => {
      const [secure, credential, text] = await Promise.all([
        ask('secure'),
        ask('credential'),
        ask('text', 'Work Vault'),
      ])
      expect(secure).toBe(`Wört$(x)"日'`)
      expect(credential).toBe(secure)
      expect(text).toBe('of Work Vault')
    })

    it('that cannot be had is one clear error with the words of the vault', async () => {
      await expect(ask("no'such $(x)")).rejects.toMatchObject({
        code: 'SECRET_VAULT',
        message: expect.stringContaining("The secret no'such $(x) was not found."),
        hint: expect.stringContaining('Unlock-SecretStore'),
      })
      await expect(ask('table')).rejects.toMatchObject({ message: expect.stringContaining('neither text nor') })
    })

    it('is not waited for without end', async () => {
      await expect(ask('slow', undefined, 300)).rejects.toMatchObject({ code: 'SECRET_VAULT' })
    })

    it('needs the module, and says so', async () => {
      const bare = resolveSecret({ vault: { entry: 'x' } }, { env: { ...env, PSModulePath: join(folder, 'none') } })
      await expect(bare).rejects.toMatchObject({ message: expect.stringContaining('SecretManagement is not there') })
    })
  },
)

describe('a machine without PowerShell', () => {
  it('has no vault to ask', async () => {
    const asked = resolveSecret({ vault: { entry: 'exadmin' } }, { env: { PATH: '' } })
    await expect(asked).rejects.toMatchObject({
      code: 'SECRET_VAULT',
      message: expect.stringContaining('no PowerShell'),
    })
  })
})
