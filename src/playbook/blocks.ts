/**
 * Reasons for which precheck refuses a server (product.md, "Lab faults" of faults.md and the article's causes): what `allow:` and
 * `--allow` name. One file per group of checks in `run/precheck/`.
 */
export const blockNames = [
  'exchange-missing',
  'powershell-version',
  'not-elevated',
  'run-in-progress',
  'wrong-architecture',
  'not-applicable',
  'interim-update',
  'interim-update-blocks-uninstall',
  'superseded',
  'gpo-execution-policy',
  'corruption',
  'missing-cached-patch',
  'missing-cached-package',
  'poisoned-service-state',
  'pending-reboot',
  'disk-full',
  'job-account-unsupported',
  'job-account-unknown',
  'job-account-policy',
  'job-account-rights',
] as const
export type BlockName = (typeof blockNames)[number]

export function isBlockName(name: string): name is BlockName {
  return blockNames.some(known => known === name)
}
