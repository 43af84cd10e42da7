param(
  [string]$PackageName = '',
  [string]$PackageSha256 = '',
  [long]$PackageBytes = 0,
  [string]$PatchCode = '',
  [string[]]$ProductCodes = @()
)
$ErrorActionPreference = 'Stop'
