param(
  [string]$Run = '',
  [long]$DelaySeconds = 0
)
$ErrorActionPreference = 'Stop'
