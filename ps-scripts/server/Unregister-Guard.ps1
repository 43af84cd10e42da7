param(
  [string]$Run = ''
)
$ErrorActionPreference = 'Stop'
