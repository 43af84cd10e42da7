# An account's registry is mounted under its SID while the account is logged on. While it is not, the file in its profile can be mounted
# under a name of ours, for as long as it takes to put values back.
. "$PSScriptRoot\..\shared\State.ps1"

$profileList = 'SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList\'

# A scope of a setting that is an account's SID.
function Test-AccountScope([string]$Scope) { return ($Scope -cmatch '^S-1-[0-9-]+\z') }

function Get-OwnHiveName([string]$Sid) { return 'exroll-' + $Sid }

# The key of HKEY_USERS with the account's registry, or '' when it is not mounted. SYSTEM's is always there.
function Get-HiveName([string]$Sid) {
  if ($Sid -ceq $systemSid) { return $Sid }
  foreach ($name in @($Sid, (Get-OwnHiveName $Sid))) { if (Test-RegistryKey 'HKU' $name '64') { return $name } }
  return ''
}

# Whether the settings of a scope can be read now.
function Test-ScopeReadable([string]$Scope) { return (-not (Test-AccountScope $Scope) -or (Get-HiveName $Scope) -ne '') }

# Mounts the registry of an account that is not logged on. Returns '' or why it cannot be reached.
function Mount-AccountHive([string]$Sid) {
  if ((Get-HiveName $Sid) -ne '') { return '' }
  $folder = Get-RegistryValue 'HKLM' ($profileList + $Sid) 'ProfileImagePath' '64'
  if ($null -eq $folder) { return ('the registry of ' + $Sid + ' cannot be reached: it has no profile on this server') }
  try { Mount-UserHive (Get-OwnHiveName $Sid) ([string]$folder) }
  catch { return ('the registry of ' + $Sid + ' cannot be reached: ' + $_.Exception.GetBaseException().Message) }
  return ''
}

# Takes away what was mounted here, also by a look that was cut short: a profile whose file is taken would give its owner an empty one.
# Returns '' or why it could not.
function Dismount-AccountHive([string]$Sid) {
  $name = Get-OwnHiveName $Sid
  $problem = ''
  for ($try = 0; $try -lt 10 -and (Test-RegistryKey 'HKU' $name '64'); $try++) {
    if ($try -gt 0) { Wait-Moment 500 }
    $problem = ''
    try { Dismount-UserHive $name }
    catch { $problem = 'the registry of ' + $Sid + ' is still mounted as HKU\' + $name + ': ' + $_.Exception.GetBaseException().Message }
  }
  return $problem
}
