import { directoryReach } from '../../world/directory.js'
import type { WorldCall } from '../world-calls.js'

/** ps-scripts/windows/Directory.ps1 */
export const directoryCalls: Record<string, WorldCall> = {
  'Get-DirectoryReach': ({ server }) => directoryReach(server),
}
