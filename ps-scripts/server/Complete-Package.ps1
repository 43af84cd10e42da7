param(
  [string]$Name = '',
  [string]$Sha256 = ''
)
$ErrorActionPreference = 'Stop'
