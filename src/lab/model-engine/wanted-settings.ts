import type { SettingValue } from '../../events/event.js'
import type { ScriptArguments, SettingChange } from '../../scripts/catalog.js'
import type { LabServer } from '../world/lab-server.js'
import { executionPolicyFact, settingValue } from './settings.js'

/** WTPF_IGNOREREVOKATION: the one bit that turns publisher's revocation checking off (exchange.md 3.1). */
const ignoreRevocation = 0x200
/** `State` as Windows has it without a value (article, Common 3). */
const defaultTrustState = 0x23c00

export type WantedPolicy = Pick<
  ScriptArguments<'Start-InstallJob'>,
  'CrlCheck' | 'ServerCertificateRevocation' | 'ExecutionPolicy' | 'After'
>

/** A change the job makes before the install, and the value that goes back after it. */
export interface WantedChange {
  change: SettingChange
  goal: SettingValue
}

/** What the job changes on this server for its install, in order; only the settings of the account count that it runs as. */
export function wantedChanges(server: LabServer, policy: WantedPolicy, sid: string): WantedChange[] {
  const wanted: WantedChange[] = []
  const add = (change: SettingChange | undefined, recommended: SettingValue): void => {
    if (change === undefined) return
    wanted.push({ change, goal: policy.After === 'recommended' ? recommended : change.from })
  }
  add(crlChange(server, policy.CrlCheck, sid), defaultTrustState)
  add(serverCertificateChange(server, policy.ServerCertificateRevocation, sid), 1)
  for (const change of policyChanges(server, policy.ExecutionPolicy, sid)) add(change, 'RemoteSigned')
  return wanted
}

/** Turning the check off sets one bit and keeps the others; `auto` does it only where the list cannot be reached. */
function crlChange(server: LabServer, wanted: string, sid: string): SettingChange | undefined {
  const off = wanted === 'off-during-install' || (wanted === 'auto' && server.network.crl === 'unreachable')
  const from = settingValue(server, 'crl', sid)
  const state = typeof from === 'number' ? from : defaultTrustState
  if (!off || (state & ignoreRevocation) !== 0) return undefined
  return { setting: 'crl', scope: sid, from, to: state | ignoreRevocation }
}

function serverCertificateChange(server: LabServer, wanted: string, sid: string): SettingChange | undefined {
  const from = settingValue(server, 'server-certificate-revocation', sid)
  if (wanted !== 'off-during-install' || from === 0) return undefined
  return { setting: 'server-certificate-revocation', scope: sid, from, to: 0 }
}

/**
 * The machine's policy in each registry view. `auto` changes only what would keep the installer's scripts from running; those are
 * 64-bit (exchange.md 3.2), so the 32-bit view follows the other and never decides. A Group Policy cannot be changed.
 */
function policyChanges(server: LabServer, wanted: string, sid: string): SettingChange[] {
  const fact = executionPolicyFact(server, sid)
  if (wanted === 'leave' || fact.MachinePolicy !== null || fact.UserPolicy !== null) return []
  const auto = wanted === 'auto'
  const target = auto ? 'RemoteSigned' : wanted
  if (auto && (fact.CurrentUser !== null || !blocks(fact.LocalMachine))) return []
  return (['LocalMachine', 'LocalMachine32'] as const)
    .filter(scope => fact[scope] !== target && !(auto && !blocks(fact[scope])))
    .map(scope => ({ setting: 'execution-policy', scope, from: fact[scope], to: target }))
}

/** Restricted runs no script, AllSigned asks and nobody answers; without any policy this Windows has Restricted. */
function blocks(policy: string | null): boolean {
  return policy === null || ['Restricted', 'AllSigned', 'Default', 'Undefined'].includes(policy)
}
