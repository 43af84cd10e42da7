// Type check, lint and every test; ends with the line `tests: N passed, N failed`. Arguments go to vitest: `npm test -- test/plan`.
// `--slow` is what takes minutes instead, `--full` both; with EXROLL_STRICT=1 a test of the scripts that was skipped counts as failed.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const bin = (...path) => join(root, 'node_modules', ...path)
const folder = mkdtempSync(join(tmpdir(), 'exroll-test-'))
const results = join(folder, 'results.json')
const sets = ['--slow', '--full']
const chosen = process.argv.slice(2).filter(word => !sets.includes(word))
const set = sets.find(word => process.argv.includes(word))
if (set !== undefined) process.env.EXROLL_TESTS = set.slice(2)
/** Where nothing may be skipped on a machine that has everything: the scripts in PowerShell, and the Windows calls under wine. */
const strict = [
  'test/powershell-host',
  'test/ps-scripts',
  'test/wine',
  'test/lab/contract',
  'test/mutation',
  'test/journeys/powershell-engine',
]

let failed = 0
if (chosen.length === 0 && set !== '--slow') {
  failed += step('types', [bin('typescript', 'bin', 'tsc'), '-p', join(root, 'tsconfig.json')])
  failed += step('lint', [bin('@biomejs', 'biome', 'bin', 'biome'), 'check', '--error-on-warnings', root])
}
const status = run([
  bin('vitest', 'vitest.mjs'),
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${results}`,
  ...chosen,
])

const { passed, failed: failedTests, skipped } = countTests()
rmSync(folder, { recursive: true, force: true })
failed += failedTests
// An error outside every test fails the run without a failed test in it.
if (status !== 0 && failed === 0) failed = 1
if (skipped > 0) process.stdout.write(`skipped: ${skipped}, each with its reason above or in its name\n`)
process.stdout.write(`tests: ${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1

/** A file that could not be loaded, or whose set-up failed, counts as one failed test: none of its own was run. */
function countTests() {
  let files
  try {
    files = JSON.parse(readFileSync(results, 'utf8')).testResults
  } catch (error) {
    process.stdout.write(`the test runner left no results: ${error.message}\n`)
    return { passed: 0, failed: 1, skipped: 0 }
  }
  const tests = files.flatMap(file => file.assertionResults)
  const count = status => tests.filter(test => test.status === status).length
  const broken = files.filter(
    file => file.status === 'failed' && !file.assertionResults.some(test => test.status === 'failed'),
  )
  for (const { name, message } of broken) process.stdout.write(`no test of ${name} could be run: ${message}\n`)
  tellSlowest(files)
  const unwanted = process.env.EXROLL_STRICT === '1' ? skippedIn(files) : []
  for (const name of unwanted) process.stdout.write(`skipped where nothing may be: ${name}\n`)
  const passed = count('passed')
  const failed = count('failed')
  return { passed, failed: failed + broken.length + unwanted.length, skipped: tests.length - passed - failed }
}

/** Names of tests that were skipped in the folders of `strict`. */
function skippedIn(files) {
  return files
    .filter(({ name }) => strict.some(folder => relative(root, name).replaceAll('\\', '/').startsWith(folder)))
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status !== 'passed' && status !== 'failed')
    .map(({ fullName }) => fullName)
}

/** Where the minutes went: the whole of it has ten. */
function tellSlowest(files) {
  const slow = files
    .map(({ name, startTime, endTime }) => ({ name: relative(root, name), seconds: (endTime - startTime) / 1000 }))
    .filter(({ seconds }) => seconds >= 10)
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, 10)
  for (const { name, seconds } of slow) process.stdout.write(`slow: ${seconds.toFixed(0)} s ${name}\n`)
}

function step(name, args) {
  const ended = run(args)
  process.stdout.write(`${name}: ${ended === 0 ? 'ok' : 'FAILED'}\n`)
  return ended === 0 ? 0 : 1
}

function run(args) {
  return spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).status ?? 1
}
