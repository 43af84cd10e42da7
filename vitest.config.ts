import { configDefaults, defineConfig } from 'vitest/config'

/** Minutes of PowerShell, mutants and mishaps: `npm run test:slow`, and CI. */
const slow = [
  'test/mutation/**/*.test.ts',
  'test/journeys/powershell-engine.test.ts',
  'test/journeys/fault-matrix.test.ts',
  'test/journeys/every-fault.test.ts',
  'test/journeys/copy.test.ts',
  'test/wine/server-calls.test.ts',
  'test/transport/powershell-sshd.test.ts',
  'test/transport/winrm-kerberos.test.ts',
  'test/journeys/kerberos.test.ts',
  'test/journeys/powershell-transport.test.ts',
  'test/journeys/powershell-secrets.test.ts',
  'test/journeys/hosted-shell-lost.test.ts',
  'test/module/invoke-exroll.test.ts',
  'test/module/other-commands.test.ts',
  'test/transport/powershell/through-the-shell.test.ts',
  'test/lab/contract/*.test.ts',
  'test/ps-scripts/interrupted-account.test.ts',
  'test/ps-scripts/full-disk.test.ts',
]

const wanted = process.env.EXROLL_TESTS ?? 'quick'

export default defineConfig({
  test: {
    include: wanted === 'slow' ? slow : ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(wanted === 'quick' ? slow : [])],
    // Real processes on a machine that others use too: what fails twice is broken.
    retry: process.env.CI === undefined ? 0 : 1,
    globalSetup: ['test/powershell-host/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Two cores: more forks only make the network tests wait for each other.
    maxWorkers: 2,
  },
})
