// Builds the PowerShell host where the .NET SDK is, and only when its sources changed. Node built-ins only.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const folder = fileURLToPath(new URL('.', import.meta.url))
const bin = join(folder, 'bin')
const stampFile = join(bin, 'stamp')
/** .NET's names of platforms. */
const platforms = { linux: 'linux', darwin: 'osx', win32: 'win' }
/** Why the last build gave nothing to test with. */
export const reasonFile = join(bin, 'missing')
export const hostFile = join(bin, process.platform === 'win32' ? 'powershell-host.exe' : 'powershell-host')

/** Returns undefined when the host is there, else why not. Throws when its own sources do not compile. */
export function build() {
  mkdirSync(bin, { recursive: true })
  return alone(() => {
    const reason = attempt()
    writeFileSync(reasonFile, reason ?? '')
    return reason
  })
}

/** Two test runs in one clone do not build over each other. */
function alone(work) {
  const lock = join(bin, 'lock')
  for (;;) {
    try {
      mkdirSync(lock)
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs
    // A build takes a minute; one that was killed leaves its lock behind.
    if (since !== undefined && Date.now() - since > 360_000) rmSync(lock, { recursive: true, force: true })
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
  }
  try {
    return work()
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

function attempt() {
  const env = {
    ...process.env,
    DOTNET_NOLOGO: '1',
    DOTNET_CLI_TELEMETRY_OPTOUT: '1',
    DOTNET_GENERATE_ASPNET_CERTIFICATE: 'false',
  }
  const version = spawnSync('dotnet', ['--version'], { encoding: 'utf8', env, timeout: 60_000 })
  if (version.error !== undefined || version.status !== 0) return 'the .NET SDK (dotnet) is not installed'
  const major = Number.parseInt(version.stdout, 10)
  if (!(major >= 10)) return `the .NET SDK is ${version.stdout.trim()}, 10 or newer is needed`
  const stamp = stampOf(version.stdout.trim())
  if (existsSync(hostFile) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return undefined
  let said = ''
  // Compiled ahead of time it starts three times as fast; where NuGet has no compiler for this machine, as it is.
  const output = ['-c', 'Release', '-o', bin, '-v', 'quiet', '--nologo']
  const ahead = [
    'publish',
    '-r',
    `${platforms[process.platform]}-${process.arch}`,
    '--self-contained',
    'false',
    '-p:PublishReadyToRun=true',
  ]
  for (const [verb, ...more] of [ahead, ['build']]) {
    const result = spawnSync('dotnet', [verb, join(folder, 'powershell-host.csproj'), ...output, ...more], {
      encoding: 'utf8',
      env,
      timeout: 300_000,
    })
    if (result.status === 0) {
      writeFileSync(stampFile, stamp)
      return undefined
    }
    const errors = `${result.stdout}${result.stderr}`.split('\n').filter(line => line.includes('error'))
    said = errors.slice(0, 3).join('\n') || String(result.error ?? 'it printed no error')
    if (said.includes('error CS')) throw new Error(`the PowerShell host does not compile:\n${said}`)
  }
  return `the PowerShell host could not be built: ${said}`
}

function stampOf(version) {
  const hash = createHash('sha256').update(version)
  for (const name of readdirSync(folder).sort()) {
    if (/\.(cs|csproj|mjs)$/.test(name)) hash.update(name).update(readFileSync(join(folder, name)))
  }
  return hash.digest('hex')
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const reason = build()
  if (reason !== undefined) process.stdout.write(`${reason}\n`)
}
