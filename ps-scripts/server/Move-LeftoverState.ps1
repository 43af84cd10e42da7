param()
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot\..\shared\Leftover.ps1"

# ServiceState.xml.old, .old2 and so on: names that no patch looks for.
function Get-FreeName([string]$Path) {
  $name = $Path + '.old'
  for ($number = 2; [IO.File]::Exists($name); $number++) { $name = $Path + '.old' + $number.ToString() }
  return $name
}

Invoke-PrivilegedAnswer 'Move-LeftoverState' {
  $why = ''
  $armed = Get-ArmedRun
  if ($null -ne $armed) { $why = 'run ' + $armed + ' has its guard armed on this server' }
  elseif (Test-InstallerMutex) { $why = 'Windows Installer is at work' }
  if ($why -ne '') { Stop-Call 'STATE_IN_USE' ('the saved service state stays where it is: ' + $why) 'Try again when it has ended.' }
  $moved = @()
  foreach ($path in @(Get-LeftoverStateFile)) {
    $name = Get-FreeName $path
    [IO.File]::Move($path, $name)
    $moved += $name
  }
  if ($moved.Length -gt 0) { Write-EventLogEntry 1 'Information' ('exroll set aside what an unfinished patch left: ' + [string]::Join(', ', [string[]]$moved)) }
  New-Record 'moved' $moved
}
