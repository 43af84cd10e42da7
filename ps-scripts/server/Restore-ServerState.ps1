param(
  [string]$Run = '',
  [long]$ServiceTimeoutSeconds = 0
)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot\..\shared\Guard.ps1"

Invoke-PrivilegedAnswer 'Restore-ServerState' {
  $busy = Get-BusyReason $Run
  if ($busy -ne '') { Stop-Call 'RESTORE_BUSY' ('nothing can be put back now: ' + $busy) 'Try again when it has ended; the guard does so by itself.' }
  $restored = Restore-Everything $Run 'call' (Test-InstallEnded $Run) $ServiceTimeoutSeconds $true
  # A guard that cannot write down that it is done stays, and goes by itself once it can.
  if ($restored['right']) { try { Disable-Guard $Run } catch { Write-JournalFault $Run $_ } }
  New-Record 'restored' $restored['restored'] `
    'stuck' $restored['stuck'] `
    'foreign' $restored['foreign'] `
    'services' $restored['services'] `
    'disarmed' ((Get-ArmedRun) -cne $Run)
}
