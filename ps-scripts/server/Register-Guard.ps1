param(
  [string]$Run = '',
  [long]$LeaseMinutes = 0,
  [string]$GuardScript = '',
  [string]$GuardSha256 = ''
)
$ErrorActionPreference = 'Stop'
