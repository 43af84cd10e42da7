import { describe, expect, it } from 'vitest'
import { type RunMutant, runMutants } from './run-mutants.js'
import { type TestCounts, vitestResults } from './vitest-results.js'

function resultsOf(mutant: RunMutant): Promise<TestCounts> {
  return vitestResults(['--config', 'test/mutation/mutated.config.ts'], { EXROLL_MUTANT: JSON.stringify(mutant) })
}

describe('a fault of one line in src/run', () => {
  it.each(runMutants)(
    'is noticed by a test: $fault',
    async mutant => {
      expect((await resultsOf(mutant)).numFailedTests).toBeGreaterThan(0)
    },
    120_000,
  )

  it('is what those tests notice: without one they pass', async () => {
    for (const test of new Set(runMutants.map(mutant => mutant.test))) {
      const unharmed = { fault: '', file: 'machine.ts', from: 'export', to: 'export', test }
      const { numFailedTests, numPassedTests } = await resultsOf(unharmed)
      expect({ test, numFailedTests }).toEqual({ test, numFailedTests: 0 })
      expect(numPassedTests).toBeGreaterThan(0)
    }
  }, 300_000)
})
