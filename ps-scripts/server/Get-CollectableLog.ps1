param(
  [string]$Run = '',
  [string[]]$Kinds = @()
)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot\..\shared\Guard.ps1"
. "$PSScriptRoot\..\shared\Snapshot.ps1"
. "$PSScriptRoot\..\shared\Exchange.ps1"

# The Application and System events since the snapshot, in a file of the run; null when there are none.
function Export-RunEvent {
  $snapshot = Get-SnapshotFile $Run
  if (-not [IO.File]::Exists($snapshot)) { return $null }
  $path = Get-RunFile $Run 'events.txt'
  # The other logs come all the same, from a full disk too.
  try { if (Export-EventLog $path ([IO.File]::GetLastWriteTimeUtc($snapshot))) { return $path } }
  catch { Write-CallProgress 'note' ('the events could not be written to a file: ' + $_.Exception.GetBaseException().Message) }
  return $null
}

# Where each kind of log is (exchange.md 0, 2.4 and 2.5).
function Get-LogPlace([string]$Kind) {
  switch ($Kind) {
    'msi' { return (Get-LogPath $Run) }
    'events' { return (Export-RunEvent) }
    'service-control' { return [IO.Path]::Combine((Get-SetupLogFolder), 'ServiceControl.log') }
    'update-cas' { return (Get-UpdateCasLog) }
    'exchange-setup' { return [IO.Path]::Combine((Get-SetupLogFolder), 'ExchangeSetup.log') }
  }
  return $null
}

function Get-CollectableFile {
  $seen = @{}
  foreach ($kind in $Kinds) {
    if ($seen.ContainsKey($kind)) { continue }
    $seen[$kind] = $true
    $path = Get-LogPlace $kind
    if ($null -eq $path -or -not [IO.File]::Exists($path)) { continue }
    New-Record 'kind' $kind 'name' ([IO.Path]::GetFileName($path)) 'path' $path 'bytes' (Get-LogBytes $path) 'sha256' (Get-FileSha256 $path)
  }
}

Invoke-PrivilegedAnswer 'Get-CollectableLog' { New-Record 'files' @(Get-CollectableFile) }
