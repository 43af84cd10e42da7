param(
  [string]$Run = '',
  [long]$ServiceTimeoutSeconds = 0
)
$ErrorActionPreference = 'Stop'
