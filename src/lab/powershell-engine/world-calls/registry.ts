import type { LabServer } from '../../world/lab-server.js'
import type { RegistryData, RegistryView } from '../../world/registry.js'
import type { WorldCall } from '../world-calls.js'

/** ps-scripts/windows/Registry.ps1. What is not mounted below HKEY_USERS is not there, and nothing can be made there. */
export const registryCalls: Record<string, WorldCall> = {
  'Get-RegistryValue': ({ server }, hive: string, key: string, name: string, view: RegistryView) => {
    const kept = server.hives.kept(`${hive}\\${key}`)
    return kept === null ? null : (server.registry.get(kept, name, view) ?? null)
  },
  'Set-RegistryValue': (
    { server },
    hive: string,
    key: string,
    name: string,
    view: RegistryView,
    _kind: string,
    value: RegistryData,
  ) => server.registry.set(mounted(server, `${hive}\\${key}`), name, value, view),
  'Remove-RegistryValue': ({ server }, hive: string, key: string, name: string, view: RegistryView) =>
    server.registry.delete(mounted(server, `${hive}\\${key}`), name, view),
  'Test-RegistryKey': ({ server }, hive: string, key: string, view: RegistryView) => {
    const kept = server.hives.kept(`${hive}\\${key}`)
    const wholeHive = hive === 'HKU' && !key.includes('\\')
    return kept !== null && (wholeHive || server.registry.has(kept, view))
  },
  'Get-RegistrySubkey': ({ server }, hive: string, key: string, view: RegistryView) => {
    const kept = server.hives.kept(`${hive}\\${key}`)
    return kept === null ? [] : server.registry.subkeys(kept, view)
  },
}

function mounted(server: LabServer, key: string): string {
  const kept = server.hives.kept(key)
  if (kept === null) throw new Error('The parameter is incorrect.')
  return kept
}
