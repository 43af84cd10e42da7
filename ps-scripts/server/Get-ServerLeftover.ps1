param()
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot\..\shared\Leftover.ps1"

Invoke-Answer {
  $runs = @(Get-RunName | ForEach-Object { Get-LeftoverRun $_ })
  New-Record 'runs' $runs 'packages' @(Get-LeftoverPackage) 'leftoverState' @(Get-LeftoverStateFile)
}
