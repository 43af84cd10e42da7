import { describe, expect, it } from 'vitest'
import { whyNoWine } from '../wine/wine.js'
import { vitestResults } from './vitest-results.js'
import { windowsMutants } from './windows-mutants.js'

const reason = whyNoWine()
const title = 'a fault of one line in the Windows calls'

/** That the same tests pass without a fault is what test/wine itself says. */
describe.skipIf(reason !== '')(reason === '' ? title : `${title} (skipped: ${reason})`, () => {
  it.each(windowsMutants)(
    'is noticed under wine: $fault',
    async ({ from, to, test }) => {
      const words = ['test/wine/windows-calls.test.ts', '-t', test]
      const env = { EXROLL_SCRIPT_MUTANT: JSON.stringify({ from, to }) }
      expect((await vitestResults(words, env)).numFailedTests).toBeGreaterThan(0)
    },
    200_000,
  )
})
