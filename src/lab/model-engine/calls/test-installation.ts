import type { SettingName, SettingValue } from '../../../events/event.js'
import type { ServiceSummary, SettingChange, SettingsFact } from '../../../scripts/catalog.js'
import { installedExchange, registeredPatches } from '../../world/installed.js'
import type { LabServer } from '../../world/lab-server.js'
import { isAccount } from '../account-registry.js'
import { runFile, stateText } from '../run-files.js'
import type { ScriptAnswer } from '../script-call.js'
import { settingsFact } from '../settings.js'
import { readSnapshot, type Snapshot } from '../snapshot.js'
import { serviceSummary, startTypeDifferences } from '../snapshot-services.js'
import { updateCasLog } from './start-install-job.js'

/** What UpdateCas.ps1 says when it failed; it then exits as if nothing had (exchange.md 0 fact 5, 6.2). */
const owaFailure =
  /^(?:\[\d\d:\d\d:\d\d\] )?(?:Error updating OWA\/ECP:|.*\bAborting\.$|.*no OWA web\.config is found|FixUnversionedFolderAfterUpgrade failed:)/

export const testInstallation: ScriptAnswer<'Test-Installation'> = ({ server, args: { Run: run, PatchCode } }) => {
  const snapshot = readSnapshot(server, run)
  const services: ServiceSummary = serviceSummary(server, snapshot)
  const code = PatchCode.toUpperCase()
  return {
    build: installedExchange(server)?.build ?? null,
    patchRegistered: registeredPatches(server).some(patch => patch.code.toUpperCase() === code),
    services,
    differing: differing(server, snapshot),
    owaErrors: owaErrors(server, run),
  }
}

/** From = snapshot, to = now. */
function differing(server: LabServer, snapshot: Snapshot): SettingChange[] {
  const before = settingValues(snapshot.settings)
  const fact = settingsFact(server, Object.keys(snapshot.settings.crl))
  const now = settingValues(fact)
  const mounted = Object.keys(fact.crl).length > 0
  const settings = [...before].flatMap(([key, { setting, scope, value }]) => {
    // Of an account that is not mounted nothing is known now.
    const own = setting === 'execution-policy' && (scope === 'UserPolicy' || scope === 'CurrentUser')
    if (own ? !mounted : isAccount(scope) && !now.has(key)) return []
    const to = now.get(key)?.value ?? null
    return to === value ? [] : [{ setting, scope, from: value, to }]
  })
  const startTypes = startTypeDifferences(server, snapshot).map(change => ({
    ...change,
    from: change.to,
    to: change.from,
  }))
  return [...settings, ...startTypes]
}

function settingValues(fact: SettingsFact): Map<string, { setting: SettingName; scope: string; value: SettingValue }> {
  const groups: [SettingName, Record<string, SettingValue>][] = [
    ['crl', fact.crl],
    ['server-certificate-revocation', fact.serverCertificateRevocation],
    ['execution-policy', { ...fact.executionPolicy }],
    ['installer-logging', { ...(fact.installerLogging ?? { logging: null, debug: null }) }],
  ]
  return new Map(
    groups.flatMap(([setting, values]) =>
      Object.entries(values).map(([scope, value]) => [`${setting}/${scope}`, { setting, scope, value }] as const),
    ),
  )
}

/** The log goes on over all attempts without a mark; where this one began was written down when the job was started. */
function owaErrors(server: LabServer, run: string): string[] {
  if (!server.roles.includes('cas') || !server.files.exists(updateCasLog)) return []
  const before = Number(stateText(server, runFile(run, 'job.update-cas-bytes')) ?? 0)
  return server.files
    .readFrom(updateCasLog, before)
    .toString('utf8')
    .split(/\r?\n/)
    .filter(line => owaFailure.test(line))
}
