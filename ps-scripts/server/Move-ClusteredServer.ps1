param(
  [string]$Name = '',
  [string]$TargetNode = '',
  [long]$TimeoutSeconds = 0
)
$ErrorActionPreference = 'Stop'
