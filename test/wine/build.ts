import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const hostSources = fileURLToPath(new URL('../powershell-host/', import.meta.url))
/** What was built for Windows; kept from run to run. */
const bin = join(here, 'bin')

/** Programs for Windows that the tests need: the host as powershell.exe, and what wine lacks. */
export const windowsPrograms = {
  powershell: join(bin, 'host', 'powershell-host.exe'),
  sc: join(bin, 'sc.exe'),
  icacls: join(bin, 'icacls.exe'),
  nltest: join(bin, 'nltest.exe'),
  service: join(bin, 'service.exe'),
}

const compiler = 'x86_64-w64-mingw32-gcc'

/** Builds what is missing or out of date. Returns why that is not possible here; throws when our own sources do not compile. */
export function buildWindowsPrograms(): string | undefined {
  if (spawnSync(compiler, ['--version']).status !== 0)
    return `${compiler} (gcc-mingw-w64-x86-64-win32) is not installed`
  mkdirSync(bin, { recursive: true })
  const stamp = stampOf([join(here, 'native'), hostSources])
  const stampFile = join(bin, 'stamp')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return undefined
  for (const name of ['sc', 'icacls', 'nltest', 'service'] as const) compile(name)
  const missing = publishHost()
  if (missing === undefined) writeFileSync(stampFile, stamp)
  return missing
}

function compile(name: 'sc' | 'icacls' | 'nltest' | 'service'): void {
  const source = join(here, 'native', `${name}.c`)
  const { status, stderr } = spawnSync(
    compiler,
    ['-O1', '-s', '-Wall', '-o', windowsPrograms[name], source, '-ladvapi32'],
    {
      encoding: 'utf8',
    },
  )
  if (status !== 0) throw new Error(`${name}.c does not compile:\n${stderr}`)
}

/** Self-contained for win-x64, from a copy of the sources: a project builds one way in one folder. */
function publishHost(): string | undefined {
  const sources = join(bin, 'sources')
  rmSync(sources, { recursive: true, force: true })
  mkdirSync(sources)
  for (const name of readdirSync(hostSources)) {
    if (/\.(cs|csproj)$/.test(name)) cpSync(join(hostSources, name), join(sources, name))
  }
  const project = join(sources, 'powershell-host.csproj')
  const words = [
    'publish',
    project,
    '-c',
    'Release',
    '-r',
    'win-x64',
    '--self-contained',
    '-o',
    join(bin, 'host'),
    '-v',
    'quiet',
    '--nologo',
  ]
  const result = spawnSync('dotnet', words, { encoding: 'utf8', timeout: 300_000 })
  if (result.status === 0) return undefined
  const said = `${result.stdout}${result.stderr}`
    .split('\n')
    .filter(line => line.includes('error'))
    .slice(0, 3)
  return `the PowerShell host could not be published for win-x64: ${said.join('; ') || result.error?.message}`
}

function stampOf(folders: string[]): string {
  const hash = createHash('sha256')
  for (const folder of folders) {
    for (const name of readdirSync(folder).sort()) {
      if (/\.(c|cs|csproj)$/.test(name)) hash.update(name).update(readFileSync(join(folder, name)))
    }
  }
  return hash.digest('hex')
}
