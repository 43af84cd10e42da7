import { findPowerShell } from '../../src/powershell/find.js'

/** Why tests of the operator's PowerShell cannot run here; empty where they can. */
export function missingPwsh(): string {
  return 'program' in findPowerShell(process.env) ? '' : 'no pwsh here (EXROLL_PWSH)'
}
