import { ScriptError } from '../../errors.js'
import type { Block } from './block.js'

/**
 * The block of a server whose PowerShell is too old for any script, from what the first call threw; undefined for other errors. Such a
 * server can tell nothing else of itself: PowerShell 1.0 answers every call with `POWERSHELL_VERSION` (scripts/bootstrap.ts).
 */
export function powershellVersionBlock(error: unknown): Block | undefined {
  if (!(error instanceof ScriptError) || error.code !== 'POWERSHELL_VERSION') return undefined
  return { block: 'powershell-version', message: error.message, remedy: error.hint ?? '' }
}
