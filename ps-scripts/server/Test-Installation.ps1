param(
  [string]$Run = '',
  [string]$ExpectedBuild = '',
  [string]$PatchCode = ''
)
$ErrorActionPreference = 'Stop'
