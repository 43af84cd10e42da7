import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ConnectError } from '../../errors.js'

/**
 * The operator's PowerShell: `EXROLL_PWSH`, else `pwsh` on PATH, else Windows PowerShell on Windows. Looked for before it is started, because a
 * program that is not there is an unhandled rejection in node-powershell (orchestration.md 4). Throws `ConnectError` PWSH_MISSING.
 */
export function findPowerShell(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): string {
  const named = env.EXROLL_PWSH
  if (named !== undefined && named !== '') {
    if (isProgram(named)) return named
    throw missing(`EXROLL_PWSH names ${named}, which is no program`)
  }
  const names = platform === 'win32' ? ['pwsh.exe', 'powershell.exe'] : ['pwsh']
  const folders = (env.PATH ?? env.Path ?? '').split(delimiter).filter(folder => folder !== '')
  for (const name of names) {
    const found = folders.map(folder => join(folder, name)).find(isProgram)
    if (found !== undefined) return found
  }
  throw missing(`${names.join(' and ')} ${names.length > 1 ? 'are' : 'is'} not on PATH`)
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

function missing(what: string): ConnectError {
  return new ConnectError(`There is no PowerShell on this machine to host: ${what}.`, {
    code: 'PWSH_MISSING',
    hint: 'Install PowerShell 7 (dotnet tool install --global PowerShell, or the package of your system), or use transport: ssh or winrm.',
  })
}
