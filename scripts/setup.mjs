// Sets a fresh clone up by itself, with Node built-ins only: `npm ci` when the lockfile, Node's ABI or node_modules changed, a build when the
// sources changed, and a lock so that two commands started at once do not install over each other.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const state = join(root, '.setup')
const lock = join(state, 'lock')

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`Node ${process.versions.node} is too old: exroll needs 20.19 or newer. Get it from https://nodejs.org and try again.`)
}

mkdirSync(state, { recursive: true })
await acquire()
try {
  install()
  build()
} finally {
  rmSync(lock, { recursive: true, force: true })
}

function install() {
  const stamp = hash([readFileSync(join(root, 'package-lock.json')), process.versions.modules, process.platform, process.arch])
  if (stamped('install') === stamp && existsSync(join(root, 'node_modules', '.package-lock.json'))) return
  say('installing packages (once)')
  // Optional native parts of ssh2 may not build without a compiler; npm goes on without them.
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  stampAs('install', stamp)
}

function build() {
  const sources = [...files(join(root, 'src')), join(root, 'tsconfig.json'), join(root, 'tsconfig.build.json')].sort()
  const stamp = hash([stamped('install') ?? '', ...sources.flatMap(file => [file.slice(root.length), readFileSync(file)])])
  if (stamped('build') === stamp && existsSync(join(root, 'dist', 'cli.js'))) return
  say('building')
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', join(root, 'tsconfig.build.json')])
  stampAs('build', stamp)
}

async function acquire() {
  for (let told = false; ; ) {
    try {
      mkdirSync(lock)
      writeFileSync(join(lock, 'pid'), String(process.pid))
      return
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (abandoned()) {
      rmSync(lock, { recursive: true, force: true })
      continue
    }
    if (!told) say('another set-up is running in this clone, waiting for it')
    told = true
    await new Promise(resolve => setTimeout(resolve, 300))
  }
}

/** Left behind by a process that is gone, or too old to have a pid in it. */
function abandoned() {
  try {
    process.kill(Number(readFileSync(join(lock, 'pid'), 'utf8')), 0)
    return false
  } catch (error) {
    if (error.code === 'EPERM') return false
    if (error.code === 'ENOENT') {
      const age = statSync(lock, { throwIfNoEntry: false })
      return age !== undefined && Date.now() - age.mtimeMs > 10_000
    }
    return true
  }
}

function files(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath ?? entry.path, entry.name))
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32' && command === 'npm',
  })
  if (error) fail(`${command} could not be started: ${error.message}`)
  if (status !== 0) fail(`${command} ${args[0]} ended with ${status}. Read the lines above, then try again.`)
}

function hash(parts) {
  const sum = createHash('sha256')
  for (const part of parts) sum.update(part).update('\0')
  return sum.digest('hex')
}

function stamped(name) {
  try {
    return readFileSync(join(state, name), 'utf8')
  } catch {
    return undefined
  }
}

function stampAs(name, value) {
  writeFileSync(join(state, name), value)
}

function say(text) {
  process.stderr.write(`exroll set-up: ${text}\n`)
}

function fail(text) {
  process.stderr.write(`exroll set-up: ${text}\n`)
  rmSync(lock, { recursive: true, force: true })
  process.exit(1)
}
