// Sets a fresh clone up by itself, with Node built-ins only: `npm ci` when the lockfile, Node's ABI or node_modules changed, a build when the
// sources changed, and a lock so that two commands started at once do not install over each other.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { acquire, release } from './setup-lock.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const state = join(root, '.setup')
const lock = join(state, 'lock')

class SetupError extends Error {}

try {
  checkNode()
  prepare()
  await acquire(lock, owner =>
    say(`another set-up is running in this clone${owner === undefined ? '' : ` (process ${owner})`}, waiting for it`),
  )
  try {
    install()
    build()
  } finally {
    release(lock)
  }
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  say(error.message)
  process.exitCode = 1
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  throw new SetupError(
    `Node ${process.versions.node} is too old: exroll needs 20.19 or newer. Get it from https://nodejs.org and try again.`,
  )
}

function prepare() {
  try {
    mkdirSync(state, { recursive: true })
    accessSync(state, constants.W_OK)
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code)) throw error
    throw new SetupError(
      `you may not write to ${root}. Make a clone of your own, or ask its owner for the right to write.`,
    )
  }
}

function install() {
  const stamp = hash([
    readFileSync(join(root, 'package-lock.json')),
    process.versions.modules,
    process.platform,
    process.arch,
  ])
  if (stamped('install') === stamp && existsSync(join(root, 'node_modules', '.package-lock.json'))) return
  say('installing packages (once)')
  // Until it is whole there is no stamp: an interrupted one is begun anew.
  unstamp('install')
  // Optional native parts of ssh2 may not build without a compiler; npm goes on without them. NODE_ENV=production must not leave out
  // what the build needs.
  run('npm', ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'])
  stampAs('install', stamp)
}

function build() {
  const sources = [...files(join(root, 'src')), join(root, 'tsconfig.json'), join(root, 'scripts', 'build.mjs')].sort()
  const stamp = hash([
    stamped('install') ?? '',
    ...sources.flatMap(file => [file.slice(root.length), readFileSync(file)]),
  ])
  if (stamped('build') === stamp && existsSync(join(root, 'dist', 'cli.js'))) return
  say('building')
  unstamp('build')
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  run(process.execPath, [join(root, 'scripts', 'build.mjs')])
  stampAs('build', stamp)
}

function files(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath ?? entry.path, entry.name))
}

function run(command, args) {
  const { status, signal, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...npmCache() },
    shell: process.platform === 'win32' && command === 'npm',
  })
  if (error) throw new SetupError(`${command} could not be started: ${error.message}`)
  if (status === 0) return
  throw new SetupError(`${command} ${args[0]} ended with ${status ?? signal}. Read the lines above, then try again.`)
}

/** A service account may have no home to write to: then npm's cache stays in the clone. */
function npmCache() {
  try {
    accessSync(homedir(), constants.W_OK)
    return {}
  } catch {
    return { npm_config_cache: join(state, 'npm-cache') }
  }
}

function hash(parts) {
  const sum = createHash('sha256')
  for (const part of parts) sum.update(part).update('\0')
  return sum.digest('hex')
}

function stamped(name) {
  try {
    return readFileSync(join(state, name), 'utf8')
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    return undefined
  }
}

function stampAs(name, value) {
  writeFileSync(join(state, name), value)
}

function unstamp(name) {
  rmSync(join(state, name), { force: true })
}

function say(text) {
  process.stderr.write(`exroll set-up: ${text}\n`)
}
