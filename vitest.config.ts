import { configDefaults, defineConfig } from 'vitest/config'

/** Minutes of PowerShell, mutants and mishaps: `npm run test:full`, and CI. */
const slow = [
  'test/mutation/**',
  'test/journeys/powershell-engine.test.ts',
  'test/journeys/fault-matrix.test.ts',
  'test/wine/server-calls.test.ts',
  'test/transport/powershell-sshd.test.ts',
  'test/journeys/powershell-transport.test.ts',
]

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(process.env.EXROLL_FULL === '1' ? [] : slow)],
    globalSetup: ['test/powershell-host/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Two cores: more forks only make the network tests wait for each other.
    maxWorkers: 2,
  },
})
