// Type check, lint and every test; ends with the line `tests: N passed, N failed`. Arguments go to vitest: `npm test -- test/plan`.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const bin = (...path) => join(root, 'node_modules', ...path)
const folder = mkdtempSync(join(tmpdir(), 'exroll-test-'))
const results = join(folder, 'results.json')
const chosen = process.argv.slice(2)

let failed = 0
if (chosen.length === 0) {
  failed += step('types', [bin('typescript', 'bin', 'tsc'), '-p', join(root, 'tsconfig.json')])
  failed += step('lint', [bin('@biomejs', 'biome', 'bin', 'biome'), 'check', '--error-on-warnings', root])
}
const status = run([bin('vitest', 'vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}`, ...chosen])

let counts = { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0 }
try {
  counts = JSON.parse(readFileSync(results, 'utf8'))
} catch {
  process.stdout.write('the test runner left no results\n')
}
rmSync(folder, { recursive: true, force: true })
failed += counts.numFailedTests
// A test file that cannot be loaded fails the run without a failed test in it.
if (status !== 0 && failed === 0) failed = 1
if (counts.numPendingTests > 0) process.stdout.write(`skipped: ${counts.numPendingTests}, each with its reason above or in its name\n`)
process.stdout.write(`tests: ${counts.numPassedTests} passed, ${failed} failed\n`)
process.exit(failed === 0 ? 0 : 1)

function step(name, args) {
  const ended = run(args)
  process.stdout.write(`${name}: ${ended === 0 ? 'ok' : 'FAILED'}\n`)
  return ended === 0 ? 0 : 1
}

function run(args) {
  return spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).status ?? 1
}
