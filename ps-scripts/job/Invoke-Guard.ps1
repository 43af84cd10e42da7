param(
  [string]$Run = ''
)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot\..\shared\Guard.ps1"

Invoke-GuardLook $Run
