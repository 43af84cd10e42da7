param(
  [string]$Run = '',
  [long]$TimeoutSeconds = 0
)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot\..\shared\Restore.ps1"

$halfWritten = 'not started: the install was cut short and its files may be half written'

Invoke-PrivilegedAnswer 'Start-SnapshotService' {
  $snapshot = Get-Snapshot $Run
  $startTypes = Restore-StartType $snapshot
  Write-RestoreEntry $Run 'call' $startTypes
  if (Test-InstallEnded $Run) { $result = Start-RecordedService $Run 'call' $snapshot $TimeoutSeconds $true $true }
  else {
    $services = Get-ServiceSummary $snapshot
    $result = New-Record 'services' $services 'started' @() 'errors' @(@($services['down']) | ForEach-Object { New-Record 'name' $_ 'message' $halfWritten })
  }
  New-Record 'restored' $startTypes['restored'] 'stuck' $startTypes['stuck'] 'services' $result['services'] 'started' $result['started'] 'errors' $result['errors']
}
