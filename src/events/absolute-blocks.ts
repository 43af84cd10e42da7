/** Blocks of precheck that no `allow` opens: going on is not possible, or would break another run's promise. */
export const absoluteBlocks: ReadonlySet<string> = new Set([
  'exchange-missing',
  'powershell-version',
  'not-elevated',
  'run-in-progress',
  'job-account-unsupported',
  'job-account-unknown',
])
