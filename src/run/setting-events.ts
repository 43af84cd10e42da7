import type { SettingChange } from '../scripts/catalog.js'
import type { ServerContext } from './context.js'

/** One event for one value that was changed, put back, or could not be. */
export function emitChange(
  { emit, server }: Pick<ServerContext, 'emit' | 'server'>,
  change: 'changed' | 'restored' | 'stuck',
  { setting, scope, from, to }: SettingChange,
): Promise<void> {
  return emit({ type: `setting.${change}`, server: server.name, setting, scope, from, to })
}
