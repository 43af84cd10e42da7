# The settings that decide over an install, where they are kept, and what they are changed to.
. "$PSScriptRoot\..\shared\Hive.ps1"

$softwarePublishing = 'Software\Microsoft\Windows\CurrentVersion\WinTrust\Trust Providers\Software Publishing'
$internetSettings = 'Software\Microsoft\Windows\CurrentVersion\Internet Settings'
$shellKey = 'SOFTWARE\Microsoft\PowerShell\1\ShellIds\Microsoft.PowerShell'
$powershellPolicy = 'Software\Policies\Microsoft\Windows\PowerShell'
$installerPolicy = 'SOFTWARE\Policies\Microsoft\Windows\Installer'

# WTPF_IGNOREREVOKATION: publisher's certificates are not checked for revocation. The one bit that may change.
$ignoreRevocation = 0x200
# What Windows takes when State is absent.
$defaultTrustState = 0x23c00

# Hive, key, value name, registry view and kind of a setting.
function Get-SettingPlace([string]$Setting, [string]$Scope) {
  switch ($Setting + '/' + $Scope) {
    'execution-policy/LocalMachine' { return @('HKLM', $shellKey, 'ExecutionPolicy', '64', 'String') }
    'execution-policy/LocalMachine32' { return @('HKLM', $shellKey, 'ExecutionPolicy', '32', 'String') }
    'installer-logging/logging' { return @('HKLM', $installerPolicy, 'Logging', '64', 'String') }
    'installer-logging/debug' { return @('HKLM', $installerPolicy, 'Debug', '64', 'DWord') }
  }
  if (Test-AccountScope $Scope) {
    $hive = Get-HiveName $Scope
    if ($hive -eq '') { throw ('the registry of ' + $Scope + ' is not mounted') }
    if ($Setting -ceq 'crl') { return @('HKU', ($hive + '\' + $softwarePublishing), 'State', '64', 'DWord') }
    if ($Setting -ceq 'server-certificate-revocation') { return @('HKU', ($hive + '\' + $internetSettings), 'CertificateRevocation', '64', 'DWord') }
  }
  throw ('no setting ' + $Setting + ' ' + $Scope)
}

# The value, or null when it is absent.
function Get-SettingValue([string]$Setting, [string]$Scope) {
  $place = Get-SettingPlace $Setting $Scope
  return (Get-RegistryValue $place[0] $place[1] $place[2] $place[3])
}

# Writes the value; null deletes it, because absence is a state of its own.
function Set-SettingValue([string]$Setting, [string]$Scope, $Value) {
  $place = Get-SettingPlace $Setting $Scope
  if ($null -eq $Value) { Remove-RegistryValue $place[0] $place[1] $place[2] $place[3] }
  else { Set-RegistryValue $place[0] $place[1] $place[2] $place[3] $place[4] $Value }
}

# Absence equals absence only: [string]$null and 0 are something else.
function Test-SameValue($One, $Other) {
  if ($null -eq $One -or $null -eq $Other) { return ($null -eq $One -and $null -eq $Other) }
  return ([string]$One -ceq [string]$Other)
}

# A Group Policy's execution policy; EnableScripts 0 forbids scripts whatever else it says.
function Get-PolicyOfGroup([string]$Hive, [string]$Prefix) {
  $enabled = Get-RegistryValue $Hive ($Prefix + $powershellPolicy) 'EnableScripts' '64'
  if ($null -eq $enabled) { return $null }
  if ($enabled -eq 0) { return 'Restricted' }
  return (Get-RegistryValue $Hive ($Prefix + $powershellPolicy) 'ExecutionPolicy' '64')
}

function Get-ExecutionPolicyFact([string]$Sid) {
  return (New-Record 'MachinePolicy' (Get-PolicyOfGroup 'HKLM' '') `
      'UserPolicy' (Get-PolicyOfGroup 'HKU' ($Sid + '\')) `
      'CurrentUser' (Get-RegistryValue 'HKU' ($Sid + '\' + $shellKey) 'ExecutionPolicy' '64') `
      'LocalMachine' (Get-SettingValue 'execution-policy' 'LocalMachine') `
      'LocalMachine32' (Get-SettingValue 'execution-policy' 'LocalMachine32'))
}

# The policy that holds: the first scope that says something, else the default of this Windows.
function Get-EffectivePolicy($Fact, [string]$Machine) {
  foreach ($scope in @('MachinePolicy', 'UserPolicy', 'CurrentUser', $Machine)) {
    if ($null -ne $Fact[$scope] -and $Fact[$scope] -ne 'Undefined') { return (New-Record 'scope' $scope 'policy' ([string]$Fact[$scope])) }
  }
  if ((Get-OsVersion) -ge [version]'6.3') { $default = 'RemoteSigned' } else { $default = 'Restricted' }
  return (New-Record 'scope' $Machine 'policy' $default)
}

# Restricted runs no script; AllSigned asks about the publisher, and nobody is there to answer.
function Test-BlockingPolicy([string]$Policy) { return (@('Restricted', 'AllSigned', 'Default') -contains $Policy) }

# Settings as the contract has them. The first account is the one whose own policies count. Of an account that is not mounted nothing
# can be said: it is left out.
function Get-SettingsFact([string[]]$Accounts) {
  $crl = New-Record
  $server = New-Record
  foreach ($sid in $Accounts) {
    if (-not (Test-ScopeReadable $sid)) { continue }
    $crl[$sid] = Get-SettingValue 'crl' $sid
    $server[$sid] = Get-SettingValue 'server-certificate-revocation' $sid
  }
  $logging = Get-SettingValue 'installer-logging' 'logging'
  $debug = Get-SettingValue 'installer-logging' 'debug'
  $installer = $null
  if ($null -ne $logging -or $null -ne $debug) { $installer = New-Record 'logging' $logging 'debug' $debug }
  $main = $systemSid
  if ($Accounts.Length -gt 0) { $main = $Accounts[0] }
  return (New-Record 'crl' $crl 'serverCertificateRevocation' $server 'executionPolicy' (Get-ExecutionPolicyFact $main) 'installerLogging' $installer)
}

function New-SettingChange([string]$Setting, [string]$Scope, $From, $To) {
  return (New-Record 'setting' $Setting 'scope' $Scope 'from' $From 'to' $To)
}

# Turning the check off sets one bit and keeps the others. Null when it is off already.
function Get-CrlChange([string]$Sid) {
  $now = Get-SettingValue 'crl' $Sid
  if ($null -eq $now) { return (New-SettingChange 'crl' $Sid $null ([long]($defaultTrustState -bor $ignoreRevocation))) }
  if (($now -band $ignoreRevocation) -ne 0) { return $null }
  return (New-SettingChange 'crl' $Sid $now ([long]($now -bor $ignoreRevocation)))
}

function Get-ServerCertificateChange([string]$Sid) {
  $now = Get-SettingValue 'server-certificate-revocation' $Sid
  if ($null -ne $now -and $now -eq 0) { return $null }
  return (New-SettingChange 'server-certificate-revocation' $Sid $now ([long]0))
}

# The machine's policy in each registry view that has one. `auto` changes only what would keep the installer's scripts from running;
# those are 64-bit (exchange.md 3.2), so the 32-bit view follows the other and never decides. A Group Policy cannot be changed.
function Get-PolicyChange([string]$Wanted, [string]$Sid) {
  $fact = Get-ExecutionPolicyFact $Sid
  if ($Wanted -ceq 'leave' -or $null -ne $fact['MachinePolicy'] -or $null -ne $fact['UserPolicy']) { return @() }
  $auto = $Wanted -ceq 'auto'
  $target = $Wanted
  if ($auto) {
    $target = 'RemoteSigned'
    $effective = Get-EffectivePolicy $fact 'LocalMachine'
    if (-not (Test-BlockingPolicy $effective['policy']) -or $effective['scope'] -cne 'LocalMachine') { return @() }
  }
  $scopes = @('LocalMachine')
  if (Test-64BitWindows) { $scopes += 'LocalMachine32' }
  $changes = @()
  foreach ($scope in $scopes) {
    if ($fact[$scope] -ceq $target) { continue }
    if ($auto -and -not (Test-BlockingPolicy (Get-EffectivePolicy $fact $scope)['policy'])) { continue }
    $changes += New-SettingChange 'execution-policy' $scope $fact[$scope] $target
  }
  return $changes
}
