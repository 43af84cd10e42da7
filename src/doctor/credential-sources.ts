import { agentSocket, countAgentKeys } from '../transport/ssh/agent.js'
import type { Way } from './hop.js'
import { lookIntoShell, type OperatorShell } from './operator-shell.js'

/** Where passwords could come from on this machine. Nothing is asked for a secret, and nothing that is absent is wrong. */
export async function lookAtCredentialSources(
  way: Way,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): Promise<void> {
  await way.look('ssh-agent', async () => ({ found: await agentWords(env, platform), value: undefined }))
  const shell = await way.look('powershell', async () => {
    const value = await lookIntoShell(env)
    return typeof value === 'string'
      ? { found: `${value}: only transport powershell and the sources below need it`, value: undefined }
      : { found: `${value.program}, PowerShell ${value.version}, logon of ${value.operator}`, value }
  })
  if (shell === undefined) return
  await way.look('secrets', async () => ({ ...vaultWords(shell), value: undefined }))
  await way.look('laps', async () => ({
    found:
      shell.laps === null
        ? 'no Get-LapsADPassword, no Get-AdmPwdPassword'
        : `${named(shell.laps)} reads passwords of LAPS`,
    value: undefined,
  }))
  await way.look('gmsa', async () => ({ found: managedWords(shell), value: undefined }))
}

async function agentWords(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): Promise<string> {
  const socket = agentSocket(env, platform)
  if (socket === undefined) return 'no SSH agent: SSH_AUTH_SOCK is not set'
  try {
    const keys = await countAgentKeys(socket)
    return `${socket} holds ${keys} ${keys === 1 ? 'key' : 'keys'}${keys === 0 ? ' (ssh-add adds one)' : ''}`
  } catch (error) {
    return `nobody answers at ${socket} (${(error as Error).message})`
  }
}

function vaultWords({ secretManagement, vaults, notes }: OperatorShell): { found: string; note?: Note } {
  if (secretManagement === null)
    return { found: 'no SecretManagement (Install-Module Microsoft.PowerShell.SecretManagement)' }
  const found = `${named(secretManagement)}, ${vaults.length === 0 ? 'no vault' : `vaults: ${vaults.join(', ')}`}`
  const [wrong] = notes
  if (wrong !== undefined) return { found, note: { code: 'VAULT_BROKEN', fix: wrong } }
  if (vaults.length > 0) return { found }
  return {
    found,
    note: {
      code: 'NO_VAULT',
      fix: 'Register-SecretVault registers one; docs/credentials.md shows how exroll reads it.',
    },
  }
}

interface Note {
  code: string
  fix: string
}

/** A group managed service account has no password that anybody knows: what runs as it has its logon. */
function managedWords({ operator, managedAccount }: OperatorShell): string {
  if (operator.endsWith('$'))
    return `this is ${operator}: transport powershell with agent: true logs on as it, without a password`
  return managedAccount === null
    ? 'no ActiveDirectory module: whether this machine may use a managed account cannot be asked'
    : `${named(managedAccount)} says whether this machine may use a managed account; exroll started as one needs no password`
}

function named({ command, module }: { command: string; module: string }): string {
  return module === '' ? command : `${command} of ${module}`
}
