param(
  [string[]]$Accounts = @()
)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot\..\shared\Answer.ps1"
. "$PSScriptRoot\..\shared\Exchange.ps1"
. "$PSScriptRoot\..\shared\InstallerRegistration.ps1"
. "$PSScriptRoot\..\shared\Setting.ps1"
. "$PSScriptRoot\..\shared\Journal.ps1"

function Get-UpdateFact($Exchange) {
  if ($null -eq $Exchange) { return }
  foreach ($patch in @(Get-RegisteredPatch $Exchange['productCode'])) {
    $name = $patch['displayName']
    $kb = $null
    if ($name -match 'KB\d{5,8}') { $kb = $matches[0].ToUpper() }
    # Interim updates are private fixes between two rollups (exchange.md 2.7).
    New-Record 'patchCode' $patch['code'] 'displayName' $name 'kb' $kb 'interim' ($name -match '\bInterim Update\b')
  }
}

# The accounts asked for, and the one that asks.
function Get-Account([string]$Own) {
  $seen = @{}
  foreach ($sid in (@($Accounts) + $Own)) {
    if ($seen.ContainsKey($sid)) { continue }
    $seen[$sid] = $true
    $sid
  }
}

Invoke-Answer {
  $logon = Get-Logon
  $os = Get-OsVersion
  $exchange = Get-InstalledExchange
  New-Record 'computerName' (Get-ComputerName) `
    'osVersion' ([string]::Join('.', [string[]]@($os.Major, $os.Minor, $os.Build))) `
    'powershellVersion' (Get-PowerShellVersion) `
    'now' (Get-UtcNow) `
    'uptimeMs' (Get-UptimeMilliseconds) `
    'bootId' (Get-BootId) `
    'logon' (New-Record 'user' $logon['user'] 'sid' $logon['sid'] 'elevated' $logon['elevated']) `
    'exchange' $exchange `
    'updates' @(Get-UpdateFact $exchange) `
    'settings' (Get-SettingsFact @(Get-Account $logon['sid'])) `
    'services' @(Get-ServiceList) `
    'cluster' (Get-ClusteredMailboxServerFact)
}
