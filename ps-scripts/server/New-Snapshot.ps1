param(
  [string]$Run = '',
  [string[]]$Accounts = @(),
  [string[]]$Defaults = @()
)
$ErrorActionPreference = 'Stop'
