param(
  [string]$Run = '',
  [string[]]$Accounts = @(),
  [string[]]$Defaults = @(),
  [string]$Before = ''
)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot\..\shared\Snapshot.ps1"

Invoke-PrivilegedAnswer 'New-Snapshot' {
  Initialize-RunFolder $Run
  $created = New-SnapshotFile $Run $Accounts $Defaults $Before
  $snapshot = Get-Snapshot $Run
  New-Record 'created' $created 'services' $snapshot['services'] 'settings' $snapshot['settings']
}
