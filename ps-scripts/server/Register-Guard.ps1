param(
  [string]$Run = '',
  [long]$LeaseMinutes = 0,
  [string]$GuardScript = '',
  [string]$GuardSha256 = ''
)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot\..\shared\Guard.ps1"

function Stop-ArmedElsewhere([string]$Other) {
  $hint = 'Wait for run ' + $Other + ' to end; its guard restores the server and disarms by itself.'
  Stop-Call 'RUN_ARMED' ('run ' + $Other + ' has its guard armed on this server') $hint
}

function Register-GuardTask {
  return @(Register-ScriptTask $Run (Get-GuardTaskName $Run) 'guard.ps1' $GuardScript $GuardSha256 $true)
}

Invoke-PrivilegedAnswer 'Register-Guard' {
  Initialize-StateFolder
  $other = Get-ArmedRun
  if ($null -ne $other -and $other -cne $Run) { Stop-ArmedElsewhere $other }
  [void](Get-Snapshot $Run)
  $tasks = @(Register-GuardTask)
  Set-Lease $Run $LeaseMinutes
  # The marker decides between two runs that ask at one moment: only one of them makes the file.
  if (New-StateFile (Get-ArmedFile) $Run) {
    Add-JournalEntry $Run (New-Record 'type' 'guard' 'action' 'armed')
    Write-RunEvent $Run 3 'Information' 'the guard is armed'
  }
  elseif ((Get-ArmedRun) -cne $Run) {
    Unregister-SystemTask (Get-GuardTaskName $Run)
    Stop-ArmedElsewhere (Get-ArmedRun)
  }
  # A guard of this run that was disarmed before takes its task away when it looks before the marker is there.
  if (-not (Test-SystemTask (Get-GuardTaskName $Run))) { $tasks = @(Register-GuardTask) }
  New-Record 'armed' $true 'tasks' $tasks
}
