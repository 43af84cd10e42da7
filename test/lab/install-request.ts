import type { ScriptArguments } from '../../src/scripts/catalog.js'
import { loadJobScript } from '../../src/scripts/load.js'

/** What starts the job of a run as SYSTEM; only the package and what becomes of settings differ from test to test. */
export function installRequest(
  run: string,
  packageOf: { path: string; sha256: string },
): ScriptArguments<'Start-InstallJob'> {
  const job = loadJobScript()
  return {
    Run: run,
    JobScript: job.text,
    JobSha256: job.sha256,
    PackagePath: packageOf.path,
    PackageSha256: packageOf.sha256,
    LogName: '952580.log',
    LogSwitch: '/lxv*',
    CrlCheck: 'auto',
    ServerCertificateRevocation: 'off-during-install',
    ExecutionPolicy: 'auto',
    After: 'previous',
    BusyMinutes: 30,
    ServiceTimeoutSeconds: 600,
    Account: '',
    AccountPassword: '',
  }
}
