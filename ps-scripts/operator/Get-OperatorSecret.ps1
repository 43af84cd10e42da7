# A secret of PowerShell SecretManagement, as one line: its UTF-8 in base64, so that no code page of a console touches it. Words: its name, and the
# vault's name where it is said.
param([string[]]$Words)

. "$PSScriptRoot\..\shared\Json.ps1"

$ErrorActionPreference = 'Stop'

function Get-PlainSecret($Secret) {
  if ($Secret -is [Management.Automation.PSCredential]) { return $Secret.GetNetworkCredential().Password }
  if ($Secret -is [Security.SecureString]) { return (New-Object Net.NetworkCredential @('', $Secret)).Password }
  if ($Secret -is [string]) { return $Secret }
  return $null
}

function Write-Failure([string]$Code, [string]$Message) { Write-JsonLine (New-Record 'error' (New-Record 'code' $Code 'message' $Message)) }

if (-not (Get-Command -Name Get-Secret -ErrorAction SilentlyContinue)) {
  Write-Failure 'missing' 'the module Microsoft.PowerShell.SecretManagement is not there'
  return
}
try {
  $wanted = @{ Name = $Words[0] }
  if ($Words.Count -gt 1) { $wanted['Vault'] = $Words[1] }
  $plain = Get-PlainSecret (Get-Secret @wanted)
  if ($null -eq $plain) { Write-Failure 'kind' 'it is neither text nor a credential' }
  else { Write-JsonLine (New-Record 'secret' ([Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($plain)))) }
} catch { Write-Failure 'refused' ([string]$_.Exception.Message) }
