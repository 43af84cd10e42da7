import { ScriptError } from '../errors.js'
import { blocksScripts } from '../run/setting-forecast.js'
import { type ExecutionPolicyFact, systemSid } from '../scripts/catalog.js'
import { callScript } from '../scripts/invoke.js'
import { noPackage } from '../scripts/no-package.js'
import type { Session } from '../transport/transport.js'
import type { Named, Way } from './hop.js'

const scriptMs = 120_000

/** What the server itself says: its PowerShell and policy, the logon's token, and whether it gets to the directory and revocation lists. */
export async function lookAtServer(way: Way, session: Session | undefined, roles: readonly string[]): Promise<void> {
  const fact = await way.look('powershell', async () => {
    if (session === undefined) throw new ScriptError('There is no session.', { code: 'NO_SESSION' })
    const value = await callScript(
      session,
      'Get-ServerFact',
      { Accounts: [systemSid], JobAccount: '' },
      { timeoutMs: scriptMs },
    )
    const found = `PowerShell ${value.powershellVersion} on Windows ${value.osVersion}, ${value.computerName}`
    return { found, value }
  })
  await way.look('policy', async () => {
    const policy = fact?.settings.executionPolicy
    const found = Object.entries(policy ?? {}).map(([scope, value]) => `${scope} ${value ?? 'undefined'}`)
    return { found: found.join(', '), value: undefined, ...(policy && judgePolicy(policy, fact?.osVersion ?? '')) }
  })
  await way.look('token', async () => {
    const { user = '', elevated = false } = fact?.logon ?? {}
    if (elevated) return { found: `${user} has a full token`, value: undefined }
    throw new ScriptError(`${user} has a filtered token: it may look, and change nothing.`, {
      code: 'NOT_ELEVATED',
      hint: "Log on with a domain account that is in the server's Administrators group; a local account other than the built-in Administrator gets a filtered token over the network, unless LocalAccountTokenFilterPolicy is 1 (KB951016).",
    })
  })
  await lookAtDirectory(way, session, roles)
  await way.look('revocation', async () => {
    if (session === undefined) throw new ScriptError('There is no session.', { code: 'NO_SESSION' })
    const { crl } = await callScript(session, 'Test-ServerReadiness', noPackage, { timeoutMs: scriptMs })
    const fix =
      'Let the server reach the lists (proxycfg, netsh winhttp), or leave it to crl_check: auto, which turns the check off while it installs.'
    return {
      found: crl.detail,
      value: undefined,
      ...(crl.reachable === false && { note: { code: 'CRL_UNREACHABLE', fix } }),
    }
  })
}

/** Why the installer's scripts would not run as it is. A run stops before what a Group Policy says, and sees to the rest by itself. */
function judgePolicy(policy: ExecutionPolicyFact, osVersion: string): { note?: Named; wrong?: Named } {
  const forced = policy.MachinePolicy ?? policy.UserPolicy
  if (forced !== null) {
    if (/^(RemoteSigned|Unrestricted|Bypass)$/i.test(forced)) return {}
    const fix =
      'A Group Policy decides; ask for RemoteSigned while Exchange is patched (the article, "PowerShell execution policy").'
    return { wrong: { code: 'GPO_EXECUTION_POLICY', fix } }
  }
  if (policy.CurrentUser !== null || !blocksScripts(policy.LocalMachine, osVersion)) return {}
  const fix =
    'Set-ExecutionPolicy RemoteSigned on the server; or leave it to execution_policy: auto, which changes it while it installs and puts it back.'
  return { note: { code: 'EXECUTION_POLICY', fix } }
}

/** A job runs as SYSTEM, and so goes to Active Directory with the machine's account; Exchange's services do too. */
async function lookAtDirectory(way: Way, session: Session | undefined, roles: readonly string[]): Promise<void> {
  await way.look('directory', async () => {
    if (session === undefined) throw new ScriptError('There is no session.', { code: 'NO_SESSION' })
    if (roles.length === 1 && roles[0] === 'edge') {
      return { found: 'an Edge server is in no domain: its job needs none', value: undefined }
    }
    const { reachable, detail } = await callScript(session, 'Test-DirectoryReach', {}, { timeoutMs: scriptMs })
    if (reachable === true) return { found: `${detail}; ${runAs}`, value: undefined }
    if (reachable === false) {
      const fix =
        'Check DNS and the network to the domain controllers, then the secure channel: nltest /sc_verify:DOMAIN on the server (nltest /sc_reset:DOMAIN mends it). Exchange does not start without Active Directory.'
      return { found: detail, value: undefined, wrong: { code: 'DIRECTORY_UNREACHABLE', fix } }
    }
    const fix = 'nltest.exe comes with the AD DS tools, which Exchange wants too.'
    return { found: detail, value: undefined, note: { code: 'DIRECTORY_UNKNOWN', fix } }
  })
}

const runAs = 'an account of install.run_as is tried by the run itself'
