import type { LabServer } from '../world/lab-server.js'
import { machinePolicy, shellPolicy, userPolicy, userShellPolicy } from '../world/windows-places.js'

/** Whether PowerShell would run a signed script of Exchange's, or with which words it refuses. */
export type ScriptPermission = 'runs' | 'scripts-disabled' | 'authorization-manager'

/**
 * Asks the execution policy of an account, strongest scope first (about_Execution_Policies). A policy of Group Policy's is looked up
 * through WMI: while the installer has WMI stopped the look-up fails, whatever the policy says (KB2810617). Where AllSigned stands
 * without Group Policy, PowerShell asks whether to trust the publisher, and nobody answers.
 */
export function scriptPermission(server: LabServer, sid: string): ScriptPermission {
  const byGroupPolicy = groupPolicy(server, machinePolicy) ?? groupPolicy(server, userPolicy(sid))
  if (byGroupPolicy !== null) {
    if (server.services.find('Winmgmt')?.state !== 'Running') return 'authorization-manager'
    return byGroupPolicy === 'Restricted' ? 'scripts-disabled' : 'runs'
  }
  const own =
    server.registry.text(userShellPolicy(sid), 'ExecutionPolicy') ??
    server.registry.text(shellPolicy, 'ExecutionPolicy')
  if (own === 'AllSigned') return 'authorization-manager'
  return own === 'RemoteSigned' || own === 'Unrestricted' || own === 'Bypass' ? 'runs' : 'scripts-disabled'
}

function groupPolicy({ registry }: LabServer, key: string): string | null {
  const enabled = registry.number(key, 'EnableScripts')
  if (enabled === null) return null
  return enabled === 0 ? 'Restricted' : registry.text(key, 'ExecutionPolicy')
}
