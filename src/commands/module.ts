import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { UsageError } from '../errors.js'
import { packageFile } from '../package-file.js'
import type { CommandIo } from './io.js'

const moduleName = 'ExRoll'
const source = packageFile('ps-scripts/ExRoll')
const cli = packageFile('dist/cli.js')

export function register(program: Command, io: CommandIo): void {
  const module = program.command('module').description('the PowerShell module that hosts exroll')
  module
    .command('path')
    .description('print where the module is: Import-Module (exroll module path)')
    .action(() => {
      io.stdout.write(`${source}\n`)
    })
  module
    .command('install')
    .description("put the module on this user's module path; needs no elevation")
    .option('--to <folder>', 'a folder of PSModulePath instead')
    .action(({ to }: { to?: string }) => {
      const folders = to === undefined ? userModuleFolders(process.platform, io.env) : [resolve(io.cwd, to)]
      for (const folder of folders) io.stdout.write(`${install(folder)}\n`)
      io.stderr.write(`Now in PowerShell: Import-Module ${moduleName}; Get-Command -Module ${moduleName}\n`)
    })
}

/** Copies the module below `folder` and writes down where the program is. Returns its folder. Throws `UsageError` MODULE_FOLDER. */
function install(folder: string): string {
  const target = join(folder, moduleName)
  try {
    mkdirSync(folder, { recursive: true })
    // A file of an older version that is no more must not be loaded.
    rmSync(target, { recursive: true, force: true })
    cpSync(source, target, { recursive: true })
    writeFileSync(join(target, 'exroll-cli.txt'), `${cli}\n`)
  } catch (cause) {
    throw new UsageError(`the module cannot be put into ${folder}: ${(cause as Error).message}`, {
      code: 'MODULE_FOLDER',
      hint: 'Name a folder of PSModulePath that you may write to with --to.',
      cause,
    })
  }
  return target
}

/**
 * The CurrentUser module folders: of PowerShell 7 and of Windows PowerShell on Windows, of PowerShell 7 elsewhere (about_PSModulePath). On Windows
 * Documents may have been moved, so Windows is asked for it.
 */
export function userModuleFolders(
  platform: NodeJS.Platform,
  env: NodeJS.ProcessEnv,
  documents: () => string = askForDocuments,
): string[] {
  if (platform === 'win32') {
    const folder = documents()
    return [join(folder, 'PowerShell', 'Modules'), join(folder, 'WindowsPowerShell', 'Modules')]
  }
  const data = env.XDG_DATA_HOME ?? join(env.HOME ?? homedir(), '.local', 'share')
  return [join(data, 'powershell', 'Modules')]
}

function askForDocuments(): string {
  try {
    const words = ['-NoProfile', '-NonInteractive', '-Command', "[Environment]::GetFolderPath('MyDocuments')"]
    const said = execFileSync('powershell.exe', words, { encoding: 'utf8', timeout: 30_000, windowsHide: true }).trim()
    if (said !== '') return said
  } catch {
    // No Windows PowerShell to ask: the place where Windows has it unless somebody moved it.
  }
  return join(homedir(), 'Documents')
}
