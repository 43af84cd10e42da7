// How long the commands take that people wait for, against Node doing nothing: exroll --help and diagnose have to start without Ink, React
// or ssh2. Ratios, as milliseconds are the machine's; and the modules that were loaded, which are not.
//
//   npm run build && node bench/startup.mjs [--rounds 15] [--dist dist] [--json]
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    dist: { type: 'string', default: join(root, 'dist') },
    json: { type: 'boolean', default: false },
  },
})
const cli = resolve(values.dist, 'cli.js')
const heavy = ['ink', 'react', 'ssh2', 'yoga-layout', 'p-queue']

/** Prints every module that the process loads: `--import` of it registers a hook. */
const hook = `
import { register } from 'node:module'
register('data:text/javascript,' + encodeURIComponent(\`
import { writeSync } from 'node:fs'
export async function load(url, context, next) {
  if (url.includes('/node_modules/')) writeSync(2, 'loaded ' + url + '\\\\n')
  return next(url, context)
}\`))
`

function wallMs(words) {
  const from = process.hrtime.bigint()
  const { error } = spawnSync(process.execPath, words, { cwd: root, stdio: 'ignore' })
  if (error) throw error
  return Number(process.hrtime.bigint() - from) / 1e6
}

function median(samples) {
  return samples.toSorted((one, other) => one - other)[Math.floor(samples.length / 2)]
}

function packagesOf(words, folder) {
  const file = join(folder, 'hook.mjs')
  writeFileSync(file, hook)
  const { stderr } = spawnSync(process.execPath, ['--import', file, ...words], { cwd: root, encoding: 'utf8' })
  const urls = [...stderr.matchAll(/^loaded (.*)$/gm)].map(match => match[1])
  const names = urls.map(
    url => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url.slice(url.lastIndexOf('/node_modules/')))?.[1],
  )
  return [...new Set(names)].sort()
}

const folder = mkdtempSync(join(tmpdir(), 'exroll-startup-'))
try {
  const log = join(folder, 'small.log')
  writeFileSync(log, '=== Verbose logging started: 11/23/2026  21:00:00 ===\r\nMainEngineThread is returning 1603\r\n')
  const cases = [
    { name: 'node, nothing', words: ['-e', ''] },
    { name: 'exroll --version', words: [cli, '--version'] },
    { name: 'exroll --help', words: [cli, '--help'] },
    { name: 'exroll diagnose', words: [cli, 'diagnose', log] },
  ]
  // In turns, so that a machine that is busy for a while is busy for all of them.
  const samples = new Map(cases.map(({ name }) => [name, []]))
  for (let round = 0; round < Number(values.rounds); round++)
    for (const { name, words } of cases) samples.get(name).push(wallMs(words))
  const base = median(samples.get('node, nothing'))
  const results = cases.map(({ name, words }) => {
    const packages = packagesOf(words, folder)
    const ms = median(samples.get(name))
    return { name, ms, ratio: ms / base, packages, heavy: packages.filter(one => heavy.includes(one)) }
  })
  if (values.json) process.stdout.write(`${JSON.stringify({ node: process.version, results }, null, 2)}\n`)
  else
    for (const { name, ms, ratio, packages } of results)
      process.stdout.write(
        `${name.padEnd(18)} ${ms.toFixed(0).padStart(5)} ms  ${ratio.toFixed(2)}x  ${packages.join(' ')}\n`,
      )
  const wrong = results.filter(result => result.heavy.length > 0)
  for (const result of wrong) process.stderr.write(`bench: ${result.name} loads ${result.heavy.join(', ')}\n`)
  if (wrong.length > 0) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
