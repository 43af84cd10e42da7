import { findAccount } from '../../world/accounts.js'
import type { WorldCall } from '../world-calls.js'

/** ps-scripts/windows/Accounts.ps1 and Hives.ps1. */
export const accountCalls: Record<string, WorldCall> = {
  'Find-AccountSid': ({ server }, name: string) => findAccount(server.accounts, name)?.sid ?? null,
  'Test-AccountAdministrator': ({ server }, name: string) => findAccount(server.accounts, name)?.administrator ?? null,
  'Mount-UserHive': ({ server }, name: string, profileFolder: string) => server.hives.mount(name, profileFolder),
  'Dismount-UserHive': ({ server }, name: string) => server.hives.dismount(name),
}
