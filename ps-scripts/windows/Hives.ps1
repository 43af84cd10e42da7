# The part of the registry that belongs to an account lies in its profile, in NTUSER.DAT. Windows mounts it below HKEY_USERS while the
# account is logged on; somebody else has to mount it to get at it.
. "$PSScriptRoot\..\shared\Json.ps1"
. "$PSScriptRoot\..\windows\Programs.ps1"

# Throws with what reg.exe says, such as that another process has the file open. The folder as ProfileList has it, with variables.
function Mount-UserHive([string]$Name, [string]$ProfileFolder) {
  $file = [IO.Path]::Combine([Environment]::ExpandEnvironmentVariables($ProfileFolder), 'NTUSER.DAT')
  Invoke-RegistryProgram ('load "HKU\' + $Name + '" "' + $file + '"')
}

# Writes the hive to its file. Throws while somebody has a key of it open.
function Dismount-UserHive([string]$Name) { Invoke-RegistryProgram ('unload "HKU\' + $Name + '"') }

function Invoke-RegistryProgram([string]$Words) {
  $ended = Invoke-Program (Get-SystemProgram 'reg.exe') $Words
  if ($ended['exitCode'] -ne 0) { throw ('reg.exe ' + $Words + ' ended with ' + $ended['exitCode'].ToString() + ': ' + $ended['output']) }
}
