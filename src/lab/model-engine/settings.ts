import type { SettingName, SettingValue } from '../../events/event.js'
import type { ExecutionPolicyFact, SettingChange, SettingsFact } from '../../scripts/catalog.js'
import type { LabServer } from '../world/lab-server.js'
import type { RegistryView } from '../world/registry.js'
import {
  installerPolicy,
  internetSettings,
  machinePolicy,
  shellPolicy,
  softwarePublishing,
  systemSid,
  userPolicy,
  userShellPolicy,
} from '../world/windows-places.js'
import { isAccount, isReadable } from './account-registry.js'

interface Place {
  key: string
  name: string
  view: RegistryView
}

/**
 * Where a setting is kept (ps-scripts/shared/Setting.ps1; exchange.md 3.1 to 3.3). Throws for a setting that is none, and for an account
 * whose registry is not mounted.
 */
function placeOf(server: LabServer, setting: SettingName, scope: string): Place {
  const account = isAccount(scope)
  if (!isReadable(server, scope)) throw new Error(`the registry of ${scope} is not mounted`)
  if (setting === 'crl' && account) return { key: softwarePublishing(scope), name: 'State', view: '64' }
  if (setting === 'server-certificate-revocation' && account) {
    return { key: internetSettings(scope), name: 'CertificateRevocation', view: '64' }
  }
  if (setting === 'execution-policy' && scope === 'LocalMachine') {
    return { key: shellPolicy, name: 'ExecutionPolicy', view: '64' }
  }
  if (setting === 'execution-policy' && scope === 'LocalMachine32') {
    return { key: shellPolicy, name: 'ExecutionPolicy', view: '32' }
  }
  if (setting === 'installer-logging' && scope === 'logging') {
    return { key: installerPolicy, name: 'Logging', view: '64' }
  }
  if (setting === 'installer-logging' && scope === 'debug') return { key: installerPolicy, name: 'Debug', view: '64' }
  throw new Error(`no setting ${setting} ${scope}`)
}

/** The value, null when it is absent. */
export function settingValue(server: LabServer, setting: SettingName, scope: string): SettingValue {
  const { key, name, view } = placeOf(server, setting, scope)
  const data = server.registry.get(key, name, view)
  return typeof data === 'string' || typeof data === 'number' ? data : null
}

/** Writes the value; null deletes it, because absence is a state of its own. Throws `AccessDenied`. */
export function setSetting(server: LabServer, { setting, scope, to }: SettingChange): void {
  const { registry } = server
  const { key, name, view } = placeOf(server, setting, scope)
  if (to === null) registry.delete(key, name, view)
  else registry.set(key, name, to, view)
}

/** A Group Policy's execution policy; EnableScripts 0 forbids scripts whatever else it says. */
function groupPolicy({ registry }: LabServer, key: string): string | null {
  const enabled = registry.number(key, 'EnableScripts')
  if (enabled === null) return null
  return enabled === 0 ? 'Restricted' : registry.text(key, 'ExecutionPolicy')
}

/** The execution policy in every scope, as an account has it. */
export function executionPolicyFact(server: LabServer, sid: string): ExecutionPolicyFact {
  const { registry } = server
  const known = sid === systemSid || server.hives.isLoggedOn(sid)
  return {
    MachinePolicy: groupPolicy(server, machinePolicy),
    UserPolicy: known ? groupPolicy(server, userPolicy(sid)) : null,
    CurrentUser: known ? registry.text(userShellPolicy(sid), 'ExecutionPolicy') : null,
    LocalMachine: registry.text(shellPolicy, 'ExecutionPolicy'),
    LocalMachine32: registry.text(shellPolicy, 'ExecutionPolicy', '32'),
  }
}

/** Every setting of these accounts, without those that are not mounted. The first account is the one whose own policies count. */
export function settingsFact(server: LabServer, accounts: readonly string[]): SettingsFact {
  const { registry } = server
  const perAccount = (key: (sid: string) => string, name: string) =>
    Object.fromEntries(
      accounts.filter(sid => isReadable(server, sid)).map(sid => [sid, registry.number(key(sid), name)]),
    )
  const logging = registry.text(installerPolicy, 'Logging')
  const debug = registry.number(installerPolicy, 'Debug')
  return {
    crl: perAccount(softwarePublishing, 'State'),
    serverCertificateRevocation: perAccount(internetSettings, 'CertificateRevocation'),
    executionPolicy: executionPolicyFact(server, accounts[0] ?? systemSid),
    installerLogging: logging === null && debug === null ? null : { logging, debug },
  }
}
