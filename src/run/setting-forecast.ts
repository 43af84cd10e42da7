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

/** What the job would change on a server and what it would put back, in the order in which it does. */
export interface SettingForecast {
  changes: SettingChange[]
  restores: SettingChange[]
  /** Why, a line each, also for what stays as it is. */
  reasons: string[]
}

export interface SettingForecastInput {
  policy: SettingsPolicy
  fact: ServerFact
  readiness: Readiness
}

/** The same decisions as `Invoke-InstallJob.ps1`, made from facts alone. Pure. */
export function forecastSettings({ policy, fact, readiness }: SettingForecastInput): SettingForecast {
  const found: SettingForecast = { changes: [], restores: [], reasons: [] }
  crl(found, policy, fact, readiness)
  serverCertificates(found, policy, fact)
  executionPolicy(found, policy, fact)
  return found
}

function crl(found: SettingForecast, policy: SettingsPolicy, fact: ServerFact, readiness: Readiness): void {
  const before = fact.settings.crl[systemSid] ?? null
  const on = ((before ?? defaultTrustState) & ignoreRevocation) === 0
  const wanted =
    policy.crlCheck === 'off-during-install' || (policy.crlCheck === 'auto' && readiness.crl.reachable === false)
  if (!on) found.reasons.push('CRL checking is off already: stays as it is')
  else if (!wanted) {
    found.reasons.push(
      policy.crlCheck === 'leave'
        ? `CRL checking stays on${readiness.crl.reachable === false ? ', though the CRL cannot be reached: the install would hang' : ''}`
        : `CRL checking stays on: the CRL can be reached${readiness.crl.reachable === null ? ' as far as is known' : ''}`,
    )
  } else {
    found.reasons.push(
      policy.crlCheck === 'auto'
        ? `CRL checking off for the install: the CRL cannot be reached (${readiness.crl.detail})`
        : 'CRL checking off for the install, as the playbook says',
    )
    const off = (before ?? defaultTrustState) | ignoreRevocation
    push(
      found,
      { setting: 'crl', scope: systemSid, from: before, to: off },
      policy.after === 'recommended' ? defaultTrustState : before,
    )
  }
}

function serverCertificates(found: SettingForecast, policy: SettingsPolicy, fact: ServerFact): void {
  if (policy.serverCertificateRevocation === 'leave') return
  const before = fact.settings.serverCertificateRevocation[systemSid] ?? null
  if (before === 0) return
  found.reasons.push('server certificate revocation off for the install, as the playbook says')
  push(
    found,
    { setting: 'server-certificate-revocation', scope: systemSid, from: before, to: 0 },
    policy.after === 'recommended' ? 1 : before,
  )
}

/**
 * The machine's policy, in both registry views. The 64-bit one decides, because the installer's scripts are 64-bit (exchange.md 3.2); the
 * 32-bit one only follows.
 */
function executionPolicy(found: SettingForecast, policy: SettingsPolicy, fact: ServerFact): void {
  const scopes = fact.settings.executionPolicy
  if (scopes.MachinePolicy !== null || scopes.UserPolicy !== null) {
    found.reasons.push('the execution policy comes from a Group Policy and cannot be changed')
    return
  }
  const auto = policy.executionPolicy === 'auto'
  const target = targetPolicy(policy.executionPolicy, scopes, fact.osVersion)
  const views = fact.exchange?.architecture === 'x86' ? (['LocalMachine'] as const) : machineScopes
  const changed = views.filter(
    scope =>
      target !== undefined && scopes[scope] !== target && !(auto && !blocksScripts(scopes[scope], fact.osVersion)),
  )
  if (target === undefined || changed.length === 0) {
    found.reasons.push(`execution policy stays ${scopes.LocalMachine ?? 'undefined'}`)
    return
  }
  for (const scope of changed) {
    const before = scopes[scope]
    const why = auto ? `scripts could not run under ${before ?? 'an undefined policy'}` : 'as the playbook says'
    found.reasons.push(
      `execution policy${scope === 'LocalMachine' ? '' : ' (32-bit view)'} ${target} for the install: ${why}`,
    )
    push(
      found,
      { setting: 'execution-policy', scope, from: before, to: target },
      policy.after === 'recommended' ? 'RemoteSigned' : before,
    )
  }
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

/** Restricted runs no script, AllSigned asks and nobody answers. */
function blocksScripts(policy: string | null, osVersion: string): boolean {
  return ['Restricted', 'AllSigned', 'Default', 'Undefined'].includes(policy ?? undefinedPolicy(osVersion))
}

/** Without any policy scripts do not run before Windows Server 2012 R2 (6.3), and do from there on. */
function undefinedPolicy(osVersion: string): string {
  const [major = 0, minor = 0] = osVersion.split('.').map(Number)
  return major > 6 || (major === 6 && minor >= 3) ? 'RemoteSigned' : 'Restricted'
}

function push(found: SettingForecast, change: SettingChange, back: SettingChange['to']): void {
  found.changes.push(change)
  if (back !== change.to) found.restores.push({ ...change, from: change.to, to: back })
}
