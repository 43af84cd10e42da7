param(
  [string[]]$Accounts = @(),
  [string]$JobAccount = ''
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

# Null when installs run as SYSTEM. The policy (SceRegVl.inf, "DisableDomainCreds") keeps the scheduler from storing a password.
function Get-JobAccountFact {
  if ($JobAccount -ceq '') { return $null }
  $sid = Find-AccountSid $JobAccount
  $administrator = $null
  $mounted = $false
  if ($null -ne $sid) {
    $administrator = Test-AccountAdministrator $JobAccount
    $mounted = Test-ScopeReadable $sid
  }
  $policy = Get-RegistryValue 'HKLM' 'SYSTEM\CurrentControlSet\Control\Lsa' 'DisableDomainCreds' '64'
  return (New-Record 'name' $JobAccount 'sid' $sid 'administrator' $administrator 'mounted' $mounted 'storesPasswords' ($null -eq $policy -or $policy -eq 0))
}

# The job's account, the accounts asked for, and the one that asks.
function Get-Account($Job, [string]$Own) {
  $first = @()
  if ($null -ne $Job -and $null -ne $Job['sid']) { $first = @($Job['sid']) }
  $seen = @{}
  foreach ($sid in ($first + @($Accounts) + $Own)) {
    if ($seen.ContainsKey($sid)) { continue }
    $seen[$sid] = $true
    $sid
  }
}

Invoke-Answer {
  $logon = Get-Logon
  $os = Get-OsVersion
  $exchange = Get-InstalledExchange
  $job = Get-JobAccountFact
  New-Record 'computerName' (Get-ComputerName) `
    'osVersion' ([string]::Join('.', [string[]]@($os.Major, $os.Minor, $os.Build))) `
    'powershellVersion' (Get-PowerShellVersion) `
    'now' (Get-UtcNow) `
    'uptimeMs' (Get-UptimeMilliseconds) `
    'bootId' (Get-BootId) `
    'logon' (New-Record 'user' $logon['user'] 'sid' $logon['sid'] 'elevated' $logon['elevated']) `
    'jobAccount' $job `
    'exchange' $exchange `
    'updates' @(Get-UpdateFact $exchange) `
    'settings' (Get-SettingsFact @(Get-Account $job $logon['sid'])) `
    'services' @(Get-ServiceList) `
    'cluster' (Get-ClusteredMailboxServerFact)
}
