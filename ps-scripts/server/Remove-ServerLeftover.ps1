param(
  [string[]]$Runs = @(),
  [string[]]$Packages = @()
)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot\..\shared\Leftover.ps1"

Invoke-PrivilegedAnswer 'Remove-ServerLeftover' {
  $removed = @()
  $kept = @()
  foreach ($name in @($Runs)) {
    $why = Get-RunStay $name
    if ($why -ne '') { $kept += New-Record 'name' $name 'why' $why; continue }
    Remove-LeftoverRun $name
    $removed += $name
  }
  foreach ($path in @($Packages)) {
    $why = Get-PackageStay $path
    if ($why -ne '') { $kept += New-Record 'name' $path 'why' $why; continue }
    Remove-LeftoverPackage $path
    $removed += $path
  }
  if ($removed.Length -gt 0) { Write-EventLogEntry 5 'Information' ('exroll cleanup removed: ' + [string]::Join(', ', [string[]]$removed)) }
  New-Record 'removed' $removed 'kept' $kept
}
