import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Confidence } from '../../src/diagnosis/finding.js'
import type { DiagnosisContext } from '../../src/diagnosis/rule.js'

/** What a log in logs/ shows, and which of its lines make the difference. */
export interface RuleLog {
  /** Of `logs/<name>.log`. */
  name: string
  id: string
  confidence: Confidence
  /** Lines that distinguish the cause: without them it must not be named as surely. */
  block: RegExp
  context?: DiagnosisContext
}

const shown = (
  name: string,
  confidence: Confidence,
  block: RegExp,
  { id = name.split('.')[0] ?? name, context }: { id?: string; context?: DiagnosisContext } = {},
): RuleLog => ({ name, id, confidence, block, ...(context === undefined ? {} : { context }) })

/** A log for each rule, and a few more of rules that show in several kinds of log. */
export const ruleLogs: readonly RuleLog[] = [
  shown('wrong-architecture.match', 'certain', /The version of this file is not compatible/),
  shown('interim-update.match', 'certain', /Unable to install because a previous Interim Update/),
  shown('interim-update-blocks-uninstall.match', 'certain', /has determined that an Interim Update/),
  shown('superseded.match', 'certain', /has been superseded/),
  shown('interim-update-mismatch.match', 'certain', /is incompatible with the current/),
  shown('not-applicable.match', 'certain', /PATCH SEQUENCER: QFE|Unknown\\Absent/),
  shown(
    'missing-cached-patch.match',
    'certain',
    /local patch|sourcelist|Note: 1: (?:1706|1314)|temp copy|2203 2: \S+\.msp/,
  ),
  shown('missing-cached-patch.several', 'certain', /local patch|sourcelist|Note: 1: (?:1706|1314)|temp copy|orphaning/),
  shown('missing-cached-patch.cut', 'possible', /local patch|Note: 1: 1706/),
  shown('missing-cached-package.match', 'certain', /Local cached package|Note: 1: 1706/),
  shown('patch-registration.match', 'certain', /local patch/),
  shown('corruption.match', 'certain', /configuration data|local patch/),
  shown('execution-policy.match', 'likely', /CAQuietExec/),
  shown('execution-policy.words', 'certain', /PSSecurityException/),
  shown('gpo-execution-policy.match', 'certain', /AuthorizationManager/),
  shown('not-elevated.match', 'possible', /LastError = 32/),
  shown('user-cancelled.match', 'certain', /Return value 2|cancelled|returning 1602/),
  shown('installer-busy.match', 'certain', /Another installation|returning 1618/),
  shown('disk-full.match', 'certain', /Error 1307/),
  shown('disk-full.volume', 'certain', /disk space/),
  shown('policy-forbids.match', 'certain', /set policies/),
  shown('crl-check.match', 'likely', /CA_NGEN/),
  shown('crl-check.match', 'certain', /CA_NGEN/, {
    context: { crlReachable: false, crlChecking: true, stalled: true, running: true },
  }),
  shown('interrupted.match', 'possible', /=== Verbose logging started: 11\/14\/2009 {2}23/),
  shown('crl-check.near', 'certain', /./, { id: 'interrupted', context: { rebooted: true } }),
  shown('stalled.match', 'certain', /./, { context: { stalled: true, running: true } }),
  shown('stalled.stop', 'possible', /MSExchangeIS/, { id: 'stalled' }),
  shown('reboot-pending.match', 'certain', /REQUIRED/),
  shown('files-in-use.match', 'certain', /open files/),
  shown('prerequisite.match', 'certain', /REQUIRED/),
  shown('permissions.match', 'certain', /a member of/),
  shown('active-directory.match', 'certain', /schema file/),
  shown('active-directory.groups', 'certain', /CreateOrMoveEWPGroup/),
  shown('missing-cached-package.setup', 'likely', /Installing a new product/),
  shown('access-denied.eventlog', 'likely', /Cannot open log/),
  shown('not-elevated.refused', 'certain', /Non-assigned apps/),
  shown('source-unavailable.repair', 'likely', /SecureRepair|1316/),
  shown('virtual-directory.match', 'certain', /couldn't be found on/),
  shown('search-foundation.match', 'certain', /SearchFoundation/),
  shown('certificate-expired.match', 'certain', /is expired/),
  shown('missing-folder.match', 'certain', /Cannot find path/),
  shown('setup-from-bin.match', 'certain', /ManageScheduledTask/),
  shown('services-not-started.match', 'certain', /Topology Provider/),
  shown('services-not-started.events', 'certain', /Timeout|timely fashion/),
  shown('services-disabled.match', 'certain', /it is disabled/),
  shown('services-disabled.events', 'likely', /to disabled/),
  shown('setup-snap-in.match', 'certain', /Stop-SetupService/),
  shown('temp-file.match', 'certain', /MSI81AC/),
  shown('source-unavailable.match', 'certain', /could not be opened/),
  shown('access-denied.match', 'certain', /Access to the path/),
  shown('assembly-commit.match', 'certain', /Error 1935/),
  shown('digital-signature.match', 'certain', /Error 1718/),
  shown('custom-action.match', 'likely', /CA_PREPARE_SCHEMA returned|Error 0x80004005/),
  shown('custom-action.program', 'likely', /Error 1722/),
  shown('custom-action.vbscript', 'likely', /2738/),
  shown('missing-cached-package.older', 'likely', /Error 1714|error code 1612/),
  shown('prerequisite.package', 'certain', /PowerShell 2\.0/),
  shown('database-not-mounted.match', 'certain', /mount database/),
  shown('installer-service.match', 'certain', /could not be accessed/),
  shown('service-stop-failed.match', 'certain', /Unable to stop/),
  shown('service-stop-failed.installer', 'certain', /Error 1921/),
  shown('service-stop-failed.printed', 'certain', /cannot be stopped/),
  shown('service-start-failed.match', 'certain', /Unable to restore/),
  shown('service-start-failed.installer', 'certain', /Error 1920/),
  shown('service-control-failed.match', 'certain', /Unable to disable/),
  shown('poisoned-service-state.match', 'certain', /already exists|Overwrite/),
  shown('owa-broken.match', 'certain', /Error updating OWA/),
]

export function linesOf(name: string): string[] {
  return readFileSync(join(import.meta.dirname, 'logs', `${name}.log`), 'utf8')
    .trimEnd()
    .split('\n')
}
