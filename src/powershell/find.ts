import { join } from 'node:path'
import { isProgram, onPath } from '../on-path.js'

/** A PowerShell of this machine, or in words why there is none: `pwsh is not on PATH`. */
export type FoundPowerShell = { program: string } | { missing: string }

export interface FindOptions {
  platform?: NodeJS.Platform
  /** Full paths that are taken before those on PATH, where they are there. */
  first?: readonly string[]
  /** Full paths that are taken when PATH has none. */
  last?: readonly string[]
}

/**
 * The PowerShell of this machine: `EXROLL_PWSH`, else `pwsh` on PATH, else Windows PowerShell on Windows. Looked for before it is started, because
 * a program that is not there is an unhandled rejection in node-powershell (orchestration.md 4). What its absence means, the caller says.
 */
export function findPowerShell(
  env: NodeJS.ProcessEnv,
  { platform = process.platform, first = [], last = [] }: FindOptions = {},
): FoundPowerShell {
  const named = env.EXROLL_PWSH
  if (named !== undefined && named !== '') {
    return isProgram(named) ? { program: named } : { missing: `EXROLL_PWSH names ${named}, which is no program` }
  }
  const names = platform === 'win32' ? ['pwsh.exe', 'powershell.exe'] : ['pwsh']
  const program = first.find(isProgram) ?? onPath(names, env) ?? last.find(isProgram)
  if (program !== undefined) return { program }
  return { missing: `${names.join(' and ')} ${names.length > 1 ? 'are' : 'is'} not on PATH` }
}

/** Windows PowerShell, which loads snap-ins and modules that PowerShell 7 does not. */
export function windowsPowerShell(env: NodeJS.ProcessEnv): string {
  return join(env.SystemRoot ?? 'C:\\Windows', 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe')
}
