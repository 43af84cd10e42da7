import { z } from 'zod'
import { answerLines } from '../powershell/answer-lines.js'
import { askPowerShell } from '../powershell/ask.js'
import { findPowerShell } from '../powershell/find.js'
import { loadFile } from '../scripts/load.js'

const command = z.object({ command: z.string(), module: z.string() }).nullable()
const foundSchema = z.object({
  version: z.string(),
  /** `CONTOSO\exadmin`, whose logon the hosted PowerShell has. */
  operator: z.string(),
  secretManagement: command,
  /** Names of the vaults that are registered with it. */
  vaults: z.array(z.string()),
  laps: command,
  managedAccount: command,
})
const lineSchema = z.union([z.object({ found: foundSchema }), z.object({ note: z.string() })])

/** What the operator's own PowerShell has. */
export type OperatorShell = z.output<typeof foundSchema> & { program: string; notes: string[] }

/** Windows PowerShell on a busy machine takes many seconds to load a module. */
const patienceMs = 60_000

/** Asks the PowerShell of this machine what it could get passwords from; in words why not, where it cannot be asked. */
export async function lookIntoShell(env: NodeJS.ProcessEnv, timeoutMs = patienceMs): Promise<OperatorShell | string> {
  const shell = findPowerShell(env)
  if ('missing' in shell) return shell.missing
  const { program } = shell
  const script = loadFile('operator/Get-CredentialSource.ps1').text
  const answer = await askPowerShell({ program, env, script, timeoutMs })
  if ('late' in answer) return `${program} told nothing within ${timeoutMs / 1000} s`
  if ('failed' in answer) return `${program}: ${answer.failed}`
  const lines = answerLines(answer.output, lineSchema)
  const found = lines.find(line => 'found' in line)
  if (found === undefined) return `${program} told nothing of its own`
  return { ...found.found, program, notes: lines.flatMap(line => ('note' in line ? [line.note] : [])) }
}
