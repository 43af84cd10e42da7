param(
  [string]$Run = '',
  [long]$AfterSeq = 0,
  [long]$LogOffset = 0,
  [long]$LogLine = 0,
  [long]$WaitSeconds = 0
)
$ErrorActionPreference = 'Stop'
