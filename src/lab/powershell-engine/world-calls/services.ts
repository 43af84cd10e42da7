import type { StartType } from '../../../scripts/catalog.js'
import type { WorldCall } from '../world-calls.js'

/** ps-scripts/windows/Services.ps1. */
export const serviceCalls: Record<string, WorldCall> = {
  'Get-ServiceList': ({ server }) =>
    server.services.all.map(({ name, displayName, startType, state, dependsOn }) => ({
      name,
      displayName,
      startType,
      state,
      dependsOn,
    })),
  'Get-ServiceState': ({ server }, name: string) => server.services.find(name)?.state ?? null,
  'Set-ServiceStartType': ({ server }, name: string, startType: StartType) =>
    server.services.configure(name, startType),
  /** The service manager carries a start through, whatever becomes of who asked for it. */
  'Start-ServiceNow': ({ server }, name: string) => server.services.start(name),
}
