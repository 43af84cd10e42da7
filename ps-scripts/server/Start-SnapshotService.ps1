param(
  [string]$Run = '',
  [long]$TimeoutSeconds = 0
)
$ErrorActionPreference = 'Stop'
