# The detached job: settings on, install, settings back, services, end. Each act is in the journal before it happens.
. "$PSScriptRoot\..\shared\Guard.ps1"

# rc of success: done, done and a restart is owed, done and a restart began (exchange.md 3.5).
$successCodes = @(0, 3010, 1641)
# Another install is running.
$busyCode = 1618
$busyPauseMilliseconds = 60000
# Signs of the longest exit code, which is a 32-bit number.
$exitWidth = 12
# What article and Windows have by themselves (article, Common 3 and 4): settings.after: recommended.
$recommendedServerRevocation = [long]1
$recommendedPolicy = 'RemoteSigned'

# What the job was started with, beside its script: one `name field` a line.
function Set-JobRequest([string]$Run, $Request) {
  $lines = @($Request.Keys | ForEach-Object { $_ + ' ' + (ConvertTo-Field $Request[$_]) })
  Set-StateFile (Get-RunFile $Run 'job.request') ([string]::Join("`n", [string[]]$lines) + "`n")
}

function Get-JobRequest([string]$Run) {
  $request = New-Record
  foreach ($line in @(Get-StateLine (Get-RunFile $Run 'job.request'))) {
    $fields = $line.Split(' ')
    $request[$fields[0]] = ConvertFrom-Field $fields[1]
  }
  return $request
}

# Takes the run for this process. False when it was taken before: a run is never installed twice.
function New-Claim([string]$Run) {
  $id = Get-OwnProcessId
  return (New-StateFile (Get-RunFile $Run 'job.claim') ([string]::Join(' ', @((Get-BootId), ([long]$id).ToString(), [string](Get-ProcessStart $id)))))
}

function Get-StopFile([string]$Run) { return (Get-RunFile $Run 'job.stop') }

# What the job changes on this server for its install, in order, each with the value that goes back after it (`goal`). Only the settings
# of the account count that it runs as.
function Get-WantedChange($Request) {
  $sid = $Request['AccountSid']
  $wanted = @()
  $crl = $null
  if ($Request['CrlCheck'] -ceq 'off-during-install') { $crl = Get-CrlChange $sid }
  if ($Request['CrlCheck'] -ceq 'auto' -and (Test-CrlReach (Get-NativePath $Request['PackagePath']))['reachable'] -eq $false) { $crl = Get-CrlChange $sid }
  if ($null -ne $crl) { $crl['goal'] = [long]$defaultTrustState; $wanted += $crl }
  if ($Request['ServerCertificateRevocation'] -ceq 'off-during-install') {
    $server = Get-ServerCertificateChange $sid
    if ($null -ne $server) { $server['goal'] = $recommendedServerRevocation; $wanted += $server }
  }
  foreach ($policy in @(Get-PolicyChange $Request['ExecutionPolicy'] $sid)) { $policy['goal'] = $recommendedPolicy; $wanted += $policy }
  foreach ($change in $wanted) { if ($Request['After'] -cne 'recommended') { $change['goal'] = $change['from'] } }
  return $wanted
}

function Add-StepStart([string]$Run, [string]$Step) { Add-JournalEntry $Run (New-Record 'type' 'step' 'step' $Step 'status' 'started') }

function Add-StepEnd([string]$Run, [string]$Step, [string]$Outcome, [string]$Code, [string]$Message) {
  $entry = New-Record 'type' 'step' 'step' $Step 'status' 'finished' 'outcome' $Outcome
  if ($Code -ne '') { $entry['error'] = New-Record 'code' $Code 'message' $Message }
  Add-JournalEntry $Run $entry
}

# Returns '' or what went wrong. Nothing after a refused change is made: without it the install would hang or fail.
function Enable-InstallSetting([string]$Run, $Request) {
  Add-StepStart $Run 'settings-on'
  $sid = $Request['AccountSid']
  $wanted = @()
  $problem = ''
  if (-not (Test-ScopeReadable $sid)) { $problem = 'the registry of ' + $sid + ' is not mounted, though its task runs: Windows could not load its profile' }
  else {
    # What an account has can be seen for certain only now.
    if ($sid -cne $systemSid) { New-AccountSnapshot $Run $sid }
    $wanted = @(Get-WantedChange $Request)
  }
  foreach ($change in $wanted) {
    $what = $change['setting'] + ' ' + $change['scope']
    try { if (-not (Set-RecordedValue $Run $change $change['goal'])) { $problem = $what + ' did not keep its new value' } }
    catch { $problem = $what + ': ' + $_.Exception.GetBaseException().Message }
    if ($problem -ne '') { break }
  }
  if ($problem -ne '') { Add-StepEnd $Run 'settings-on' 'failed' 'SETTING_REFUSED' $problem }
  elseif ($wanted.Length -gt 0) { Add-StepEnd $Run 'settings-on' 'changed' '' '' }
  else { Add-StepEnd $Run 'settings-on' 'ok' '' '' }
  return $problem
}

# One installer from its start to its end. Asked to stop, it is asked to end once; what it began is rolled back before anybody restores.
function Invoke-Installer([string]$Run, $Request) {
  $installer = Start-Installer (Get-NativePath $Request['PackagePath']) (Get-LogPath $Run) $Request['LogSwitch']
  $asked = $false
  while ($true) {
    if (-not $asked -and [IO.File]::Exists((Get-StopFile $Run))) {
      $asked = $true
      Stop-Installer $installer['id'] $installer['start']
    }
    $code = Wait-Installer $installer 1000
    if ($null -ne $code) { break }
  }
  while ($asked -and (Test-InstallerMutex)) { Wait-Moment 1000 }
  return [long]$code
}

# A busy installer is waited for; nothing else is ever tried again.
function Invoke-InstallerUntilFree([string]$Run, $Request) {
  $giveUpAt = (Get-UptimeMilliseconds) + 60000 * $Request['BusyMinutes']
  $said = $false
  while ($true) {
    $code = Invoke-Installer $Run $Request
    if ($code -ne $busyCode -or (Get-UptimeMilliseconds) -ge $giveUpAt -or [IO.File]::Exists((Get-StopFile $Run))) { return $code }
    if (-not $said) { Add-JournalNote $Run ('another installation is running (1618); waiting up to ' + $Request['BusyMinutes'].ToString() + ' minutes') }
    $said = $true
    Wait-Moment $busyPauseMilliseconds
  }
}

function Install-Package([string]$Run, $Request) {
  Set-StateFile (Get-ExitFile $Run) ('?'.PadRight($exitWidth))
  Add-StepStart $Run 'install'
  $code = Invoke-InstallerUntilFree $Run $Request
  Set-ReservedText (Get-ExitFile $Run) ($code.ToString().PadRight($exitWidth))
  Add-JournalEntry $Run (New-Record 'type' 'exit' 'code' $code)
  if ($successCodes -contains $code) { Add-StepEnd $Run 'install' 'changed' '' '' }
  else { Add-StepEnd $Run 'install' 'failed' 'INSTALL_FAILED' ('msiexec ended with ' + $code.ToString()) }
  return $code
}

function Restore-AfterInstall([string]$Run) {
  # A full disk holds no restore up: whoever reads sees the step's end, or that there is none.
  try { Add-StepStart $Run 'settings-restore' }
  catch { Write-JournalFault $Run $_ }
  $result = Restore-Configuration $Run 'job'
  $stuck = @(@($result['stuck']) | ForEach-Object { $_['setting'] + ' ' + $_['scope'] })
  if ($stuck.Length -gt 0) {
    Add-StepEnd $Run 'settings-restore' 'failed' 'SETTING_STUCK' ('could not be put back: ' + [string]::Join(', ', [string[]]$stuck) + '; the guard tries again')
  }
  elseif (@($result['restored']).Length -gt 0) { Add-StepEnd $Run 'settings-restore' 'changed' '' '' }
  else { Add-StepEnd $Run 'settings-restore' 'ok' '' '' }
}

# Whoever follows starts the services, after a restart that may be owed; with nobody there the job does. Never on half-written files.
function Start-ServiceAfterInstall([string]$Run, $Request) {
  $snapshot = Get-Snapshot $Run
  if ((Test-Lease $Run) -or -not (Test-InstallEnded $Run)) { $services = Get-ServiceSummary $snapshot }
  else { $services = (Start-RecordedService $Run 'job' $snapshot $Request['ServiceTimeoutSeconds'] $false $false)['services'] }
  Add-JournalEntry $Run (New-Record 'type' 'services' 'running' $services['running'] 'expected' $services['expected'] 'down' @($services['down']))
}

# The whole job. Without a guard that would clean up behind it, and in a run that was taken before, it does nothing. Whatever cuts it
# short, it restores; only while its installer still runs it leaves that to the guard.
function Invoke-Job([string]$Run) {
  if ((Get-ArmedRun) -cne $Run -or -not (New-Claim $Run)) { return }
  $code = $null
  try {
    $request = Get-JobRequest $Run
    if ((Enable-InstallSetting $Run $request) -eq '') { $code = Install-Package $Run $request }
    else { Add-JournalNote $Run 'the install was not started: a setting it needs could not be changed' }
  } catch {
    Write-Fault $Run 6 'the job was cut short' $_
    if (Test-InstallerActive $Run) { return }
  }
  Restore-AfterInstall $Run
  Start-ServiceAfterInstall $Run $request
  Add-JournalEntry $Run (New-Record 'type' 'ended' 'exitCode' $code)
}
