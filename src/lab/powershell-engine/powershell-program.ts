import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UsageError } from '../../errors.js'

/** Where a clone's test set-up builds its own small host (test/powershell-host). */
const clonesHost = fileURLToPath(new URL('../../../test/powershell-host/bin/powershell-host', import.meta.url))

/**
 * A PowerShell 7 for the lab's engine: what `EXROLL_PWSH` names, `pwsh` on the PATH, the host that a clone's tests build. Throws
 * `UsageError` NO_POWERSHELL where there is none.
 */
export function findPowerShell(env: NodeJS.ProcessEnv = process.env): string {
  const named = env.EXROLL_PWSH
  if (named !== undefined && named !== '') {
    if (isProgram(named)) return named
    throw new UsageError(`EXROLL_PWSH names ${named}, which is no program`, {
      code: 'NO_POWERSHELL',
      hint: 'Give the full path of pwsh, or unset it.',
    })
  }
  const onPath = (env.PATH ?? '').split(delimiter).map(folder => join(folder, 'pwsh'))
  const found = [...onPath, clonesHost].find(isProgram)
  if (found !== undefined) return found
  throw new UsageError('the engine powershell needs PowerShell 7, and there is none on this machine', {
    code: 'NO_POWERSHELL',
    hint: 'Install pwsh, name it in EXROLL_PWSH, or use --engine model, which needs nothing.',
  })
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
