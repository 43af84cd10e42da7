import { errorInfo, UsageError } from '../errors.js'
import type { Credential, InventoryServer, SecretSource } from '../inventory/model.js'
import { startedFor } from '../on-path.js'
import { readPrivateFile } from '../secrets/private-file.js'
import { describeSource } from '../secrets/resolve.js'
import { agentSocket, countAgentKeys } from '../transport/ssh/agent.js'
import { type Hop, Way } from './hop.js'
import { lookIntoShell } from './operator-shell.js'

export interface InventoryCredentialsOptions {
  servers: readonly InventoryServer[]
  /** All of the inventory: one that no server names may be for `install.run_as`. */
  credentials?: readonly Credential[]
  env: NodeJS.ProcessEnv
  /** Somebody could be asked. */
  terminal: boolean
}

/**
 * Whether each credential of an inventory could be had here: a hop a source, each looked at though another one failed. Files are opened, because only
 * that shows that they may be; a command is not started, because it may ask somebody or count as a use.
 */
export async function lookAtInventoryCredentials({
  servers,
  credentials = [],
  env,
  terminal,
}: InventoryCredentialsOptions): Promise<Hop[]> {
  const hops: Hop[] = []
  const look = async (name: string, take: () => Promise<string>) => {
    const way = new Way(() => performance.now(), errorInfo)
    await way.look(name, async () => ({ found: await take(), value: undefined }))
    hops.push(...way.hops)
  }
  const source = async (what: string, from: SecretSource) => `${what} from ${await sourceWords(from, env, terminal)}`
  for (const [credential, overSsh] of used(servers, credentials)) {
    const { name, username, password, key, agent } = credential
    if (password !== undefined) await look(name, () => source(`password of ${username}`, password))
    if (key !== undefined) {
      await look(name, async () => {
        await readPrivateFile(key.file)
        return `key ${key.file} is there, and only yours`
      })
    }
    const passphrase = key?.passphrase
    if (passphrase !== undefined) await look(name, () => source('passphrase of the key', passphrase))
    if (agent === true) await look(name, () => agentWords(overSsh, username, env))
  }
  return hops
}

/** Each credential once, in the order of the servers, then those that none of them names; and whether SSH logs on with it. */
function used(servers: readonly InventoryServer[], credentials: readonly Credential[]): Map<Credential, boolean> {
  const found = new Map<Credential, boolean>()
  for (const { credential, ssh, transport, powershell } of servers) {
    const overSsh = transport === 'ssh' || transport === 'auto' || powershell?.over === 'ssh'
    found.set(credential, overSsh || found.get(credential) === true)
    if (ssh.jumpCredential !== undefined) found.set(ssh.jumpCredential, true)
  }
  const names = [...found.keys()].map(({ name }) => name)
  for (const credential of credentials) {
    const { name } = credential
    if (!names.some(one => one === name || one.startsWith(`${name} on `))) found.set(credential, false)
  }
  return found
}

async function sourceWords(source: SecretSource, env: NodeJS.ProcessEnv, terminal: boolean): Promise<string> {
  const words = describeSource(source)
  if ('env' in source) {
    if ((env[source.env] ?? '') !== '') return `${words}: set`
    throw new UsageError(`${words} is not set.`, {
      code: 'SECRET_ENV_MISSING',
      hint: `Set ${source.env} to the password before starting exroll.`,
    })
  }
  if ('file' in source) {
    await readPrivateFile(source.file)
    return `${words}: it is there, and only yours`
  }
  if ('command' in source) {
    const file = startedFor(source.command[0] ?? '', env)
    if (file !== undefined) return `${words}: ${file} is there (not started)`
    throw new UsageError(`${words} is no program on this machine.`, {
      code: 'SECRET_COMMAND_FAILED',
      hint: 'Write its full path, or put its folder on PATH. It is started without a shell.',
    })
  }
  if ('vault' in source) {
    const shell = await lookIntoShell(env)
    if (typeof shell === 'string') throw vaultMissing(`${words} cannot be asked: ${shell}.`)
    if (shell.secretManagement === null)
      throw vaultMissing(`${words} cannot be asked: no SecretManagement in ${shell.program}.`)
    const { name } = source.vault
    if (shell.vaults.length === 0 || (name !== undefined && !shell.vaults.includes(name))) {
      throw vaultMissing(`${words} is not there; vaults: ${shell.vaults.join(', ') || 'none'}.`)
    }
    return `${words} (not asked for it)`
  }
  if (terminal) return `${words}: asked for when a run starts`
  throw new UsageError('A password has to be asked for, and there is no terminal to ask on.', {
    code: 'SECRET_NO_TERMINAL',
    hint: 'Start exroll from a terminal, or use env, file or command as the source.',
  })
}

function vaultMissing(message: string): UsageError {
  return new UsageError(message, {
    code: 'SECRET_VAULT',
    hint: 'Install-Module Microsoft.PowerShell.SecretManagement and a vault, then Register-SecretVault. EXROLL_PWSH names the PowerShell that has them.',
  })
}

async function agentWords(overSsh: boolean, username: string, env: NodeJS.ProcessEnv): Promise<string> {
  if (!overSsh) return `the logon of whoever starts exroll, which is to be ${username}`
  const socket = agentSocket(env)
  const fix = { code: 'AGENT_MISSING', hint: 'Start one (eval "$(ssh-agent)") and add a key: ssh-add FILE.' }
  if (socket === undefined) throw new UsageError('There is no SSH agent: SSH_AUTH_SOCK is not set.', fix)
  try {
    const keys = await countAgentKeys(socket)
    if (keys > 0) return `the SSH agent at ${socket} holds ${keys} ${keys === 1 ? 'key' : 'keys'}`
  } catch (cause) {
    throw new UsageError(`Nobody answers at ${socket}.`, { ...fix, cause })
  }
  throw new UsageError(`The SSH agent at ${socket} holds no key.`, fix)
}
