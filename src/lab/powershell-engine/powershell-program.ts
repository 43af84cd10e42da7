import { UsageError } from '../../errors.js'
import { packageFile } from '../../package-file.js'
import { findPowerShell } from '../../powershell/find.js'

/** Where a clone's test set-up builds its own small host (test/powershell-host). */
const clonesHost = packageFile('test/powershell-host/bin/powershell-host')

/**
 * A PowerShell 7 for the lab's engine: that of this machine, or the host that a clone's tests build. Throws `UsageError` NO_POWERSHELL where there
 * is none.
 */
export function enginePowerShell(env: NodeJS.ProcessEnv = process.env): string {
  const found = findPowerShell(env, { last: [clonesHost] })
  if ('program' in found) return found.program
  throw new UsageError(
    `the engine powershell needs PowerShell 7, and there is none on this machine: ${found.missing}`,
    {
      code: 'NO_POWERSHELL',
      hint: 'Install pwsh, name it in EXROLL_PWSH (full path), or use --engine model, which needs nothing.',
    },
  )
}
