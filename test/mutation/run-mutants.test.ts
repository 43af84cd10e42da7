import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunMutant, runMutants } from './run-mutants.js'

const root = join(import.meta.dirname, '../..')

interface TestResults {
  numFailedTests: number
  numPassedTests: number
}

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'exroll-mutants-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs the mutant's test file in a vitest of its own. */
async function resultsOf(mutant: RunMutant, name: string): Promise<TestResults> {
  const file = join(folder, `${name}.json`)
  const words = ['run', '--config', 'test/mutation/mutated.config.ts', '--reporter=json', `--outputFile=${file}`]
  const child = spawn(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), ...words], {
    cwd: root,
    env: { ...process.env, EXROLL_MUTANT: JSON.stringify(mutant) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', text => {
      said += text
    })
  }
  await new Promise(resolve => child.on('close', resolve))
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new Error(said)
  }
}

describe('a fault of one line in src/run', () => {
  it.each(runMutants.map((mutant, index) => ({ ...mutant, index })))(
    'is noticed by a test: $fault',
    async mutant => {
      const { numFailedTests } = await resultsOf(mutant, `mutant-${mutant.index}`)
      expect(numFailedTests).toBeGreaterThan(0)
    },
    120_000,
  )

  it('is what those tests notice: without one they pass', async () => {
    for (const test of new Set(runMutants.map(mutant => mutant.test))) {
      const unharmed = { fault: '', file: 'machine.ts', from: 'export', to: 'export', test }
      const { numFailedTests, numPassedTests } = await resultsOf(unharmed, test.replaceAll('/', '-'))
      expect({ test, numFailedTests }).toEqual({ test, numFailedTests: 0 })
      expect(numPassedTests).toBeGreaterThan(0)
    }
  }, 300_000)
})
