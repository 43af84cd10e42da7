import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

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
  const folders = (env.PATH ?? env.Path ?? '').split(delimiter).filter(folder => folder !== '')
  const onPath = names.flatMap(name => folders.map(folder => join(folder, name)))
  const program = [...first, ...onPath, ...last].find(isProgram)
  if (program !== undefined) return { program }
  return { missing: `${names.join(' and ')} ${names.length > 1 ? 'are' : 'is'} not on PATH` }
}

/** Windows PowerShell, which loads snap-ins and modules that PowerShell 7 does not. */
export function windowsPowerShell(env: NodeJS.ProcessEnv): string {
  return join(env.SystemRoot ?? 'C:\\Windows', 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe')
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
