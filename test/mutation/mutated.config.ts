import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import type { RunMutant } from './run-mutants.js'

const root = join(import.meta.dirname, '../..')
const mutant: RunMutant = JSON.parse(process.env.EXROLL_MUTANT ?? '{}')

/** Vitest over one test file, with the fault of `EXROLL_MUTANT` in the module as it is loaded; no file is changed. */
export default defineConfig({
  root,
  test: { include: [`test/run/${mutant.test}`], maxWorkers: 1, testTimeout: 60_000 },
  plugins: [
    {
      name: 'mutant',
      enforce: 'pre',
      transform(code, id) {
        if (id.split('?')[0] !== join(root, 'src', 'run', mutant.file)) return undefined
        if (!code.includes(mutant.from)) throw new Error(`${mutant.file} has no such line any more: ${mutant.from}`)
        return code.replace(mutant.from, () => mutant.to)
      },
    },
  ],
})
