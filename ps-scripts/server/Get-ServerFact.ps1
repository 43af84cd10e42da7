param(
  [string[]]$Accounts = @()
)
$ErrorActionPreference = 'Stop'
