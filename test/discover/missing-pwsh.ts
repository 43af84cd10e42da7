import { findPowerShell } from '../../src/transport/powershell/executable.js'

/** Why tests of the operator's PowerShell cannot run here; empty where they can. */
export function missingPwsh(): string {
  try {
    findPowerShell(process.env)
    return ''
  } catch {
    return 'no pwsh here (EXROLL_PWSH)'
  }
}
