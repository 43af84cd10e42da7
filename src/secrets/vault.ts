import { z } from 'zod'
import { UsageError } from '../errors.js'
import { answerLines } from '../powershell/answer-lines.js'
import { askPowerShell } from '../powershell/ask.js'
import { findPowerShell } from '../powershell/find.js'
import { loadFile } from '../scripts/load.js'

/** A secret of PowerShell SecretManagement, in the vault of that name or in the default one. */
export interface VaultSecret {
  entry: string
  name?: string
}

const answerSchema = z.union([
  z.object({ secret: z.string() }),
  z.object({ error: z.object({ code: z.string(), message: z.string() }) }),
])

/**
 * Asks the operator's own PowerShell: `Get-Secret`. What comes back is on a pipe only, in base64. A credential gives its password. Throws `UsageError`
 * SECRET_VAULT.
 */
export async function readVault(
  { entry, name }: VaultSecret,
  env: NodeJS.ProcessEnv,
  timeoutMs: number,
): Promise<string> {
  const found = findPowerShell(env)
  if ('missing' in found) throw refused(entry, `there is no PowerShell on this machine (${found.missing})`)
  const script = loadFile('operator/Get-OperatorSecret.ps1').text
  const words = name === undefined ? [entry] : [entry, name]
  const answer = await askPowerShell({ program: found.program, env, script, timeoutMs, words })
  if ('late' in answer) throw refused(entry, `nothing came within ${timeoutMs / 1000} s`)
  if ('failed' in answer) throw refused(entry, `${found.program} did not run (${answer.failed.split(':')[0]})`)
  const [told] = answerLines(answer.output, answerSchema)
  if (told === undefined) throw refused(entry, `${found.program} told nothing`)
  if ('error' in told) throw refused(entry, told.error.message.replace(/\s+/g, ' ').replace(/\.$/, '').slice(0, 300))
  return Buffer.from(told.secret, 'base64').toString('utf8')
}

function refused(entry: string, why: string): UsageError {
  return new UsageError(`The vault did not give the secret ${entry}: ${why}.`, {
    code: 'SECRET_VAULT',
    hint: 'Run Get-Secret by hand in a new PowerShell: it has to answer without a question. Unlock the vault first (Unlock-SecretStore), or let it need no password (Set-SecretStoreConfiguration). exroll doctor shows the vaults.',
  })
}
