param(
  [string]$Run = '',
  [string]$JobScript = '',
  [string]$JobSha256 = '',
  [string]$PackagePath = '',
  [string]$PackageSha256 = '',
  [string]$LogName = '',
  [string]$LogSwitch = '',
  [string]$CrlCheck = '',
  [string]$ServerCertificateRevocation = '',
  [string]$ExecutionPolicy = '',
  [string]$After = '',
  [long]$BusyMinutes = 0,
  [long]$ServiceTimeoutSeconds = 0,
  [string]$Account = '',
  [string]$AccountPassword = ''
)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot\..\shared\Job.ps1"
. "$PSScriptRoot\..\shared\JobAccount.ps1"
. "$PSScriptRoot\..\shared\Exchange.ps1"

# How long the scheduler may take until the job has taken the run; on a busy server PowerShell alone takes a while.
$claimSeconds = 300

function Confirm-JobRequest {
  [void](Get-Snapshot $Run)
  if ((Get-ArmedRun) -cne $Run) {
    Stop-Call 'GUARD_NOT_ARMED' ('the guard of run ' + $Run + ' is not armed on this server') 'The guard is armed before anything is changed; run again.'
  }
  if ($LogName -notmatch '^[\w.-]+\.log\z') { Stop-Call 'LOG_NAME' ('"' + $LogName + '" is no name of a log') '' }
  if ($LogSwitch -notmatch '^/l[a-z]*[*a-z+!]*\z') { Stop-Call 'LOG_SWITCH' ('"' + $LogSwitch + '" is no logging switch of msiexec') '' }
  Confirm-Script 'job.ps1' $JobScript $JobSha256
  if (-not (Test-FileSha256 (Get-NativePath $PackagePath) $PackageSha256)) {
    Stop-Call 'PACKAGE_DAMAGED' ($PackagePath + ' is not the package that was staged') 'Run again: the package is sent again.'
  }
}

function Get-FileLength([string]$Path) {
  if (-not [IO.File]::Exists($Path)) { return [long]0 }
  return [Activator]::CreateInstance([IO.FileInfo], [object[]]@($Path)).Length
}

# Registers the job's task and starts it.
function Start-TaskAs([string]$Sid) {
  $name = Get-JobTaskName $Run
  if ($Account -ceq '') {
    [void](Register-ScriptTask $Run $name 'job.ps1' $JobScript $JobSha256 $false)
    Start-SystemTask $name
    return
  }
  Start-AccountScriptTask $name (Set-TaskScript $Run 'job.ps1' $JobScript $JobSha256) $Account $AccountPassword $Sid
}

# Why the account's task ended before the job began, where it says so.
function Confirm-AccountTask {
  $result = Get-TaskResult (Get-JobTaskName $Run)
  if ($noAnswerYet -contains $result -or [IO.File]::Exists((Get-RunFile $Run 'job.claim'))) { return }
  Unregister-SystemTask (Get-JobTaskName $Run)
  Stop-AccountRefused $Account $result 'the task ended before the job began'
}

function Start-JobTask {
  $sid = $systemSid
  if ($Account -cne '') { $sid = Get-JobAccountSid $Account }
  Set-JobRequest $Run (New-Record 'PackagePath' $PackagePath `
      'LogSwitch' $LogSwitch `
      'CrlCheck' $CrlCheck `
      'ServerCertificateRevocation' $ServerCertificateRevocation `
      'ExecutionPolicy' $ExecutionPolicy `
      'After' $After `
      'BusyMinutes' $BusyMinutes `
      'AccountSid' $sid `
      'ServiceTimeoutSeconds' $ServiceTimeoutSeconds)
  Set-StateFile (Get-RunFile $Run 'job.log-name') $LogName
  # UpdateCas.log goes on over all attempts without a mark: what is in it now is not this attempt's.
  Set-StateFile (Get-RunFile $Run 'job.update-cas-bytes') (Get-FileLength (Get-UpdateCasLog)).ToString()
  Start-TaskAs $sid
  # Whoever looks after this call has to see a job that runs.
  $deadline = (Get-UptimeMilliseconds) + 1000 * $claimSeconds
  while (-not [IO.File]::Exists((Get-RunFile $Run 'job.claim'))) {
    if ((Get-UptimeMilliseconds) -ge $deadline) {
      $message = 'the task ' + (Get-JobTaskName $Run) + ' did not start within ' + $claimSeconds.ToString() + ' s'
      Stop-Call 'JOB_NOT_STARTED' $message 'Look at the Task Scheduler service and its history. Nothing was changed; run again.'
    }
    if ($Account -cne '') { Confirm-AccountTask }
    Wait-Moment 200
  }
}

Invoke-PrivilegedAnswer 'Start-InstallJob' {
  $logPath = Get-RunFile $Run $LogName
  Initialize-StateFolder
  Update-Lease $Run
  $claimed = [IO.File]::Exists((Get-RunFile $Run 'job.claim'))
  if (-not $claimed) {
    Confirm-JobRequest
    Start-JobTask
  }
  New-Record 'started' (-not $claimed) 'logPath' $logPath
}
