# Accounts, as this Windows and its domain know them.
. "$PSScriptRoot\..\shared\Json.ps1"
. "$PSScriptRoot\..\windows\Machine.ps1"

# Arguments of powershell.exe that look at the token they run with and end with one of two exit codes.
function Get-TokenArgument([long]$Full, [long]$Filtered) {
  $text = '$p=[Activator]::CreateInstance([Security.Principal.WindowsPrincipal],[object[]]@([Security.Principal.WindowsIdentity]::GetCurrent()))' + "`n" +
  'if($p.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)){exit ' + $Full.ToString() + '}' + "`n" + 'exit ' + $Filtered.ToString()
  return '-NoLogo -NoProfile -NonInteractive -InputFormat None -EncodedCommand ' + [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($text))
}

# DOMAIN\name and name@domain as they are; .\name with the name of this computer, because nobody but the logon screen knows the dot.
function Get-WholeAccountName([string]$Name) {
  if ($Name.StartsWith('.\')) { return (Get-ComputerName) + '\' + $Name.Substring(2) }
  return $Name
}

# The SID behind a name; null when it means nobody.
function Find-AccountSid([string]$Name) {
  $account = [Activator]::CreateInstance([Security.Principal.NTAccount], [object[]]@((Get-WholeAccountName $Name)))
  try { return $account.Translate([Security.Principal.SecurityIdentifier]).Value } catch {
    if ($_.Exception.GetBaseException() -is [Security.Principal.IdentityNotMappedException]) { return $null }
    throw
  }
}

# Whether a domain account is in the local Administrators group, also through others: a domain controller makes a token for the question
# alone (MS-SFU), no password is needed and nothing runs with it. Null where there is no such token: a local account, a server that is
# not in a domain, no domain controller at hand.
function Test-AccountAdministrator([string]$Name) {
  $asked = $Name
  $parts = $Name.Split('\')
  if ($parts.Length -eq 2) { $asked = $parts[1] + '@' + $parts[0] }
  try { $identity = [Activator]::CreateInstance([Security.Principal.WindowsIdentity], [object[]]@($asked)) } catch { return $null }
  $principal = [Activator]::CreateInstance([Security.Principal.WindowsPrincipal], [object[]]@($identity))
  return $principal.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
}
