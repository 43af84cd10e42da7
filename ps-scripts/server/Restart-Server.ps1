param(
  [string]$Run = '',
  [long]$DelaySeconds = 0
)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot\..\shared\Journal.ps1"

# Says which boot ends; asked twice it restarts once.
Invoke-PrivilegedAnswer 'Restart-Server' {
  Confirm-RunFolder $Run
  $boot = Get-BootId
  $name = 'restart.' + $boot
  if (New-StateFile (Get-RunFile $Run $name) '') { Write-RunEvent $Run 7 'Information' ('this server restarts in ' + $DelaySeconds.ToString() + ' s') }
  Restart-Windows $DelaySeconds ('exroll, run ' + $Run)
  New-Record 'bootId' $boot
}
