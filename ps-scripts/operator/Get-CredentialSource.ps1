# Where the operator's own PowerShell could get passwords from, as NDJSON. It looks for commands and names of vaults; it asks no vault for a secret.

. "$PSScriptRoot\..\shared\Json.ps1"

$ErrorActionPreference = 'Stop'

# A command, and what it stands in; null where there is none. Looking loads the module that has it.
function Find-Command([string[]]$Names) {
  foreach ($name in $Names) {
    $command = Get-Command -Name $name -ErrorAction SilentlyContinue
    if ($command) { return (New-Record 'command' ([string]$command.Name) 'module' ([string]$command.ModuleName)) }
  }
  return $null
}

# A vault that is registered and cannot be loaded is an error of Get-SecretVault, which names it.
function Get-VaultName {
  if (-not (Get-Command -Name Get-SecretVault -ErrorAction SilentlyContinue)) { return @() }
  try { return @(Get-SecretVault | ForEach-Object { [string]$_.Name }) } catch {
    Write-JsonLine (New-Record 'note' ('Get-SecretVault: ' + $_.Exception.Message))
    return @()
  }
}

$operator = [Environment]::UserName
if ($env:USERDOMAIN -and $env:USERNAME) { $operator = $env:USERDOMAIN + '\' + $env:USERNAME }
Write-JsonLine (New-Record 'found' (New-Record 'version' ([string]$PSVersionTable.PSVersion) 'operator' $operator `
      'secretManagement' (Find-Command @('Get-Secret')) 'vaults' @(Get-VaultName) 'laps' (Find-Command @('Get-LapsADPassword', 'Get-AdmPwdPassword')) `
      'managedAccount' (Find-Command @('Test-ADServiceAccount'))))
