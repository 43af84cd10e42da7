param(
  [string]$Run = '',
  [string[]]$Kinds = @()
)
$ErrorActionPreference = 'Stop'
