param(
  [string]$Run = ''
)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot\..\shared\Job.ps1"

# The job itself asks its installer to end, never another's, and restores as after any failure.
Invoke-PrivilegedAnswer 'Stop-InstallJob' {
  $running = ((Get-JobState $Run) -ceq 'running')
  if ($running) { [void](New-StateFile (Get-StopFile $Run) '') }
  New-Record 'asked' $running
}
