param(
  [string]$Run = ''
)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot\..\shared\Job.ps1"

Invoke-Job $Run
