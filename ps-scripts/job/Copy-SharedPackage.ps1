param(
  [string]$Run = ''
)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot\..\shared\SharedPackage.ps1"

Invoke-SharedCopy $Run
