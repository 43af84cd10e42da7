import type { SettingValue } from '../events/event.js'
import type { SettingsPolicy } from '../playbook/model.js'
import {
  type ExecutionPolicyFact,
  type Readiness,
  type ServerFact,
  type SettingChange,
  systemSid,
} from '../scripts/catalog.js'

/** WTPF_IGNOREREVOKATION: the one bit that turns publisher's revocation checking off (exchange.md 3.1). */
export const ignoreRevocation = 0x200
/** `State` as Windows has it without a value: checking on (article, Common 3). */
export const defaultTrustState = 0x23c00

/** How sure a line is: read off the server; derived from what was read; or not to be known before something has happened. */
export type Sure = 'verified' | 'predicted' | `unknown until ${string}`

/** An account's part of the registry is there while it is logged on. */
const notLoggedOn: Sure = "unknown until the job's account is logged on"

/** What the job would change on a server and what it would put back, in the order in which it does. */
export interface SettingForecast {
  changes: SettingChange[]
  restores: SettingChange[]
  /** Each setting before, during and after the install, and why; also what stays as it is. */
  lines: { sure: Sure; text: string }[]
}

export interface SettingForecastInput {
  policy: SettingsPolicy
  fact: ServerFact
  readiness: Readiness
}

/** The same decisions as `Invoke-InstallJob.ps1`, made from facts alone. Pure. */
export function forecastSettings({ policy, fact, readiness }: SettingForecastInput): SettingForecast {
  const parts = [...crl(policy, fact, readiness), ...serverCertificates(policy, fact), ...executionPolicy(policy, fact)]
  const changed = parts.filter(part => 'change' in part)
  return {
    changes: changed.map(({ change }) => change),
    restores: changed
      .filter(({ change, back }) => back !== change.to)
      .map(({ change, back }) => ({ ...change, from: change.to, to: back })),
    lines: parts.map(({ sure, text }) => ({ sure, text })),
  }
}

/** What becomes of one setting; `back` is its value after the install. */
type Part = { sure: Sure; text: string } | { sure: Sure; text: string; change: SettingChange; back: SettingValue }

/** Whose settings the job changes: those of the account that it runs as. */
function jobSid({ jobAccount }: ServerFact): string {
  return jobAccount?.sid ?? systemSid
}

/** Undefined: not to be read now. SYSTEM's always is. */
function readable(values: Record<string, number | null>, sid: string): number | null | undefined {
  return sid === systemSid ? (values[sid] ?? null) : values[sid]
}

function crl(policy: SettingsPolicy, fact: ServerFact, readiness: Readiness): Part[] {
  const { reachable, detail } = readiness.crl
  const sid = jobSid(fact)
  const name = `crl ${sid}`
  const before = readable(fact.settings.crl, sid)
  if (before === undefined) {
    const off = policy.crlCheck === 'off-during-install' || (policy.crlCheck === 'auto' && reachable === false)
    const what = off ? 'goes off for the install and back' : 'stays as it is, as far as this session can tell'
    return [{ sure: notLoggedOn, text: `${name}: ${what}; its registry is not mounted now` }]
  }
  const on = ((before ?? defaultTrustState) & ignoreRevocation) === 0
  if (!on) return [stays(name, hex(before), 'verified', 'checking is off already')]
  if (policy.crlCheck === 'leave') {
    const hangs = reachable === false ? ', though the CRL cannot be reached: the install would hang' : ''
    return [stays(name, hex(before), 'verified', `the playbook leaves it${hangs}`)]
  }
  if (policy.crlCheck === 'auto' && reachable === null) {
    const why = 'whether the CRL can be reached is not known'
    return [stays(name, hex(before), `unknown until the job asks as ${fact.jobAccount?.name ?? 'SYSTEM'}`, why)]
  }
  if (policy.crlCheck === 'auto' && reachable === true) {
    return [stays(name, hex(before), 'predicted', 'the CRL can be reached')]
  }
  const off = (before ?? defaultTrustState) | ignoreRevocation
  const why = policy.crlCheck === 'auto' ? `the CRL cannot be reached (${detail})` : 'as the playbook says'
  const change: SettingChange = { setting: 'crl', scope: sid, from: before, to: off }
  return [changes(change, policy.after === 'recommended' ? defaultTrustState : before, why)]
}

function serverCertificates(policy: SettingsPolicy, fact: ServerFact): Part[] {
  if (policy.serverCertificateRevocation === 'leave') return []
  const sid = jobSid(fact)
  const before = readable(fact.settings.serverCertificateRevocation, sid)
  if (before === undefined) {
    return [{ sure: notLoggedOn, text: `server-certificate-revocation ${sid}: goes off for the install and back` }]
  }
  if (before === 0) return []
  const change: SettingChange = { setting: 'server-certificate-revocation', scope: sid, from: before, to: 0 }
  return [changes(change, policy.after === 'recommended' ? 1 : before, 'as the playbook says')]
}

/**
 * The machine's policy, in both registry views. The 64-bit one decides, because the installer's scripts are 64-bit (exchange.md 3.2); the
 * 32-bit one only follows.
 */
function executionPolicy(policy: SettingsPolicy, fact: ServerFact): Part[] {
  const scopes = fact.settings.executionPolicy
  const byGroupPolicy = scopes.MachinePolicy ?? scopes.UserPolicy
  if (byGroupPolicy !== null) {
    const why = 'a Group Policy sets it, and it cannot be changed'
    return [stays('execution-policy', byGroupPolicy, 'verified', why)]
  }
  const auto = policy.executionPolicy === 'auto'
  const target = targetPolicy(policy.executionPolicy, scopes, fact.osVersion)
  const views = fact.exchange?.architecture === 'x86' ? (['LocalMachine'] as const) : machineScopes
  const changed = views.filter(
    scope =>
      target !== undefined && scopes[scope] !== target && !(auto && !blocksScripts(scopes[scope], fact.osVersion)),
  )
  if (target === undefined || changed.length === 0) {
    const why = policy.executionPolicy === 'leave' ? 'the playbook leaves it' : 'scripts run as it is'
    return [stays('execution-policy LocalMachine', scopes.LocalMachine ?? 'absent', 'verified', why)]
  }
  return changed.map(scope => {
    const before = scopes[scope]
    const why = auto ? `scripts could not run under ${before ?? 'an undefined policy'}` : 'as the playbook says'
    const change: SettingChange = { setting: 'execution-policy', scope, from: before, to: target }
    return changes(change, policy.after === 'recommended' ? 'RemoteSigned' : before, why)
  })
}

const machineScopes = ['LocalMachine', 'LocalMachine32'] as const

function targetPolicy(
  wanted: SettingsPolicy['executionPolicy'],
  scopes: ExecutionPolicyFact,
  osVersion: string,
): string | undefined {
  if (wanted === 'leave') return undefined
  if (wanted !== 'auto') return wanted
  return scopes.CurrentUser === null && blocksScripts(scopes.LocalMachine, osVersion) ? 'RemoteSigned' : undefined
}

/** Restricted runs no script, AllSigned asks and nobody answers. `policy` null = not set. Pure. */
export function blocksScripts(policy: string | null, osVersion: string): boolean {
  return ['Restricted', 'AllSigned', 'Default', 'Undefined'].includes(policy ?? undefinedPolicy(osVersion))
}

/** Without any policy scripts do not run before Windows Server 2012 R2 (6.3), and do from there on. */
function undefinedPolicy(osVersion: string): string {
  const [major = 0, minor = 0] = osVersion.split('.').map(Number)
  return major > 6 || (major === 6 && minor >= 3) ? 'RemoteSigned' : 'Restricted'
}

function changes(change: SettingChange, back: SettingValue, why: string): Part {
  const { setting, scope, from, to } = change
  const shown = (value: SettingValue) => (setting === 'crl' ? hex(value) : String(value ?? 'absent'))
  const text = `${setting} ${scope}: ${shown(from)} before, ${shown(to)} during, ${shown(back)} after; ${why}`
  return { sure: 'predicted', text, change, back }
}

function stays(name: string, value: string, sure: Sure, why: string): Part {
  return { sure, text: `${name}: ${value} before, during and after; ${why}` }
}

function hex(value: SettingValue): string {
  return typeof value === 'number' ? `0x${value.toString(16)}` : 'absent'
}
