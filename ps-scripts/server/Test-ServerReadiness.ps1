param(
  [string]$PackageName = '',
  [string]$PackageSha256 = '',
  [long]$PackageBytes = 0,
  [string]$PatchCode = '',
  [string[]]$ProductCodes = @()
)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot\..\shared\State.ps1"
. "$PSScriptRoot\..\shared\Exchange.ps1"
. "$PSScriptRoot\..\shared\InstallerRegistration.ps1"

# exchange.md 3.6; Windows says it by a key or by a value.
function Get-PendingReboot {
  foreach ($name in @('PendingFileRenameOperations', 'PendingFileRenameOperations2')) {
    if ($null -ne (Get-RegistryValue 'HKLM' 'SYSTEM\CurrentControlSet\Control\Session Manager' $name '64')) { $name }
  }
  if (Test-RegistryKey 'HKLM' 'SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending' '64') { 'RebootPending' }
  if (Test-RegistryKey 'HKLM' 'SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired' '64') { 'RebootRequired' }
  if ($null -ne (Get-RegistryValue 'HKLM' 'SOFTWARE\Microsoft\Updates\UpdateExeVolatile' 'Flags' '64')) { 'UpdateExeVolatile' }
}

function Get-ProductFact([string]$ProductCode) {
  if ($ProductCode -eq '') { return (New-Record 'missing' @() 'readable' $true 'dangling' @()) }
  $dangling = @(Get-RegisteredPatch $ProductCode | Where-Object { $_['localPackage'] -eq '' } | ForEach-Object { $_['code'] })
  return (New-Record 'missing' @(Get-MissingCacheFile $ProductCode) 'readable' ($null -ne (Get-ProductPackage $ProductCode)) 'dangling' $dangling)
}

# The product that is here; without one that can be read, the only one the package is for.
function Get-ExaminedProduct($Exchange) {
  if ($null -ne $Exchange) { return $Exchange['productCode'] }
  if ($ProductCodes.Length -eq 1) { return $ProductCodes[0] }
  return ''
}

# The package is asked about once it is here; before that, Exchange's own signed program answers the same question.
function Get-CrlFact([string]$Package, $Exchange) {
  $path = $Package
  if (-not [IO.File]::Exists($path) -and $null -ne $Exchange) {
    $path = [IO.Path]::Combine([IO.Path]::Combine((Get-NativePath $Exchange['installPath']), 'Bin'), 'ExSetup.exe')
  }
  $answer = Test-CrlReach $path
  return (New-Record 'reachable' $answer['reachable'] 'detail' $answer['detail'])
}

Invoke-Answer {
  $package = Get-PackageFile $PackageName $PackageSha256
  $logon = Get-Logon
  $exchange = Get-InstalledExchange
  $product = Get-ProductFact (Get-ExaminedProduct $exchange)
  New-Record 'elevated' $logon['elevated'] `
    'logonNote' $logon['note'] `
    'freeBytes' (Get-FreeBytes (Get-WindowsFolder)) `
    'pendingReboot' @(Get-PendingReboot) `
    'leftoverState' @(Get-LeftoverStateFile) `
    'missingCache' $product['missing'] `
    'registration' (New-Record 'productReadable' $product['readable'] 'danglingPatches' $product['dangling']) `
    'armedRun' (Get-ArmedRun) `
    'installerBusy' (Test-InstallerMutex) `
    'crl' (Get-CrlFact $package $exchange) `
    'staged' (Test-FileSha256 $package $PackageSha256)
}
