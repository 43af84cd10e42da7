param(
  [string]$Run = ''
)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot\..\shared\Guard.ps1"

Invoke-PrivilegedAnswer 'Unregister-Guard' {
  $snapshot = Get-Snapshot $Run
  $outstanding = @(Get-Outstanding $Run $snapshot)
  $services = Get-ServiceSummary $snapshot
  # Services of an install that was cut short are not started: they hold nothing up.
  $servicesRight = (@($services['down']).Length -eq 0 -or -not (Test-InstallEnded $Run))
  if ($outstanding.Length -eq 0 -and $servicesRight -and (Get-BusyReason $Run) -eq '') { Disable-Guard $Run }
  New-Record 'disarmed' ((Get-ArmedRun) -cne $Run) 'outstanding' $outstanding 'services' $services
}
