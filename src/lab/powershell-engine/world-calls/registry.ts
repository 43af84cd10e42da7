import type { RegistryData, RegistryView } from '../../world/registry.js'
import type { WorldCall } from '../world-calls.js'

/** ps-scripts/windows/Registry.ps1. */
export const registryCalls: Record<string, WorldCall> = {
  'Get-RegistryValue': ({ server }, hive: string, key: string, name: string, view: RegistryView) =>
    server.registry.get(`${hive}\\${key}`, name, view) ?? null,
  'Set-RegistryValue': (
    { server },
    hive: string,
    key: string,
    name: string,
    view: RegistryView,
    _kind: string,
    value: RegistryData,
  ) => server.registry.set(`${hive}\\${key}`, name, value, view),
  'Remove-RegistryValue': ({ server }, hive: string, key: string, name: string, view: RegistryView) =>
    server.registry.delete(`${hive}\\${key}`, name, view),
  'Test-RegistryKey': ({ server }, hive: string, key: string, view: RegistryView) =>
    server.registry.has(`${hive}\\${key}`, view),
  'Get-RegistrySubkey': ({ server }, hive: string, key: string, view: RegistryView) =>
    server.registry.subkeys(`${hive}\\${key}`, view),
}
