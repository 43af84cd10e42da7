import { createHash } from 'node:crypto'
import type { ScriptArguments } from '../../../src/scripts/catalog.js'
import { call, guardScript, jobScript, type Step } from './cases.js'
import { jobSid, systemSid } from './world.js'

export const run = '20081014-200000-ab12'
export const guardTask = `exroll-guard-${run}`
export const jobTask = `exroll-job-${run}`
export const packageName = 'Exchange2007-KB952580-x64-EN.msp'
export const packageBytes = 'a package'
export const packageSha256 = createHash('sha256').update(packageBytes).digest('hex')
/** Where the package is once it is staged, below the server's drive, and as Windows names it. */
export const packageFile = `ProgramData/exroll/packages/${packageSha256.slice(0, 8)}/${packageName}`
export const packagePath = `C:\\${packageFile.replaceAll('/', '\\')}`

export const stagedPackage = { [packageFile]: packageBytes }

export function snapshot(id = run, defaults: string[] = [], before = ''): Step {
  return call('New-Snapshot', { Run: id, Accounts: [systemSid], Defaults: defaults, Before: before })
}

export function registerGuard(id = run): Step {
  const { text, sha256 } = guardScript
  return call('Register-Guard', { Run: id, LeaseMinutes: 10, GuardScript: text, GuardSha256: sha256 })
}

export function startJob(policy: Partial<ScriptArguments<'Start-InstallJob'>> = {}): Step {
  const { text, sha256 } = jobScript
  return call('Start-InstallJob', {
    Run: run,
    JobScript: text,
    JobSha256: sha256,
    PackagePath: packagePath,
    PackageSha256: packageSha256,
    LogName: '952580.log',
    LogSwitch: '/lxv*',
    CrlCheck: 'auto',
    ServerCertificateRevocation: 'leave',
    ExecutionPolicy: 'auto',
    After: 'previous',
    BusyMinutes: 3,
    ServiceTimeoutSeconds: 60,
    Account: '',
    AccountPassword: '',
    ...policy,
  })
}

export function progress(args: Partial<ScriptArguments<'Get-InstallProgress'>> = {}): Step {
  return call('Get-InstallProgress', { Run: run, AfterSeq: 0, LogOffset: 0, LogLine: 0, WaitSeconds: 0, ...args })
}

/** The guard's task, when it is there. */
export const guardLooks: Step = { task: guardTask }

export function minutesPass(minutes: number): Step {
  return { ps: `$global:World.uptime += ${minutes * 60_000}; $global:World.elapsed += ${minutes * 60_000}` }
}

/** The server starts anew: services by their start types, the lease's clock at `minutes`. */
export function reboot(minutes = 1): Step {
  return {
    ps: `$global:World.boot = 'boot-2'; $global:World.uptime = ${minutes * 60_000}; $global:World.mutex = $false
foreach ($service in $global:World.services) { if ($service.startType -like 'Automatic*') { $service.state = 'Running' } else { $service.state = 'Stopped' } }`,
  }
}

/** What the real installer does to services (exchange.md 0, fact 1): stops and disables them. */
export const stopAndDisable =
  "foreach ($service in $global:World.services) { if ($service.name -like 'MSExchange*' -or $service.name -eq 'W3SVC') { $service.state = 'Stopped'; $service.startType = 'Disabled' } }"

/** The account that installs run as logs off: what it has is in its profile only. */
export const accountLogsOff: Step = {
  ps: `$global:World.profiles = @{}
foreach ($place in @($global:World.registry.Keys)) { if ($place.StartsWith('HKU\\${jobSid}\\')) { $global:World.profiles[$place] = $global:World.registry[$place]; $global:World.registry.Remove($place) } }`,
}

/** Looks for a secret, and for what encoding makes of it, in every file of the server and in what scheduler and event log were given. */
export function searchFiles(secret: string): Step {
  return {
    ps: `$sought = '${secret.replaceAll("'", "''")}'
$forms = @($sought, [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($sought)), [Uri]::EscapeDataString($sought), [Security.SecurityElement]::Escape($sought))
$texts = @($global:World.xml) + @($global:World.tasks.Values) + @($global:World.events | ForEach-Object { $_['text'] })
foreach ($file in @([IO.Directory]::GetFiles($global:World.root, '*', 'AllDirectories'))) { foreach ($encoding in @([Text.Encoding]::UTF8, [Text.Encoding]::Unicode)) { $texts += $encoding.GetString([IO.File]::ReadAllBytes($file)) } }
foreach ($text in $texts) { foreach ($form in $forms) { if (([string]$text).Contains($form)) { [void]$global:World.deeds.Add('found') } } }
[void]$global:World.deeds.Add('searched')`,
  }
}
