# The registry: HKLM and HKU, both views, absence as a state of its own. RegistryKey of .NET 2.0 has no view to ask for, so the 32-bit
# one goes by the name of its key, as a 64-bit process sees it.

# In a 32-bit process on 64-bit Windows this variable names the real processor.
function Test-64BitWindows { return ([IntPtr]::Size -eq 8 -or [string][Environment]::GetEnvironmentVariable('PROCESSOR_ARCHITEW6432') -ne '') }

# Under which name a key stands. A 32-bit PowerShell on 64-bit Windows would be sent to other keys than it asked for.
function Get-ViewKey([string]$Hive, [string]$Key, [string]$View) {
  if ([IntPtr]::Size -eq 4 -and (Test-64BitWindows)) { throw 'this is a 32-bit PowerShell on 64-bit Windows; the sshd or WinRM that started it has to be a 64-bit one' }
  if ($View -ceq '32' -and $Hive -ceq 'HKLM' -and $Key -match '^SOFTWARE\\') { return 'SOFTWARE\Wow6432Node\' + $Key.Substring(9) }
  return $Key
}

function Get-HiveKey([string]$Hive) {
  if ($Hive -ceq 'HKLM') { return [Microsoft.Win32.Registry]::LocalMachine }
  if ($Hive -ceq 'HKU') { return [Microsoft.Win32.Registry]::Users }
  throw ('no hive ' + $Hive)
}

# The open key, or null when it is not there. The caller closes it.
function Open-RegistryKey([string]$Hive, [string]$Key, [string]$View, [bool]$Writable) {
  return (Get-HiveKey $Hive).OpenSubKey((Get-ViewKey $Hive $Key $View), $Writable)
}

# Null when absent; DWord (unsigned) and QWord as long; ExpandString as it stands; lists and bytes as arrays.
function Get-RegistryValue([string]$Hive, [string]$Key, [string]$Name, [string]$View) {
  $open = Open-RegistryKey $Hive $Key $View $false
  if ($null -eq $open) { return $null }
  try {
    $value = $open.GetValue($Name, $null, [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames)
    if ($null -eq $value) { return $null }
    if ($value -is [int]) { return ([long]$value -band [long]4294967295) }
    return , $value
  } finally { $open.Close() }
}

# Makes the key if it has to. Numbers as [long], DWord as unsigned.
function Set-RegistryValue([string]$Hive, [string]$Key, [string]$Name, [string]$View, [string]$Kind, $Value) {
  $open = (Get-HiveKey $Hive).CreateSubKey((Get-ViewKey $Hive $Key $View))
  try {
    switch ($Kind) {
      'DWord' { $data = [BitConverter]::ToInt32([BitConverter]::GetBytes([long]$Value), 0) }
      'QWord' { $data = [long]$Value }
      'MultiString' { $data = [string[]]@($Value) }
      'Binary' { $data = [byte[]]@($Value) }
      default { $data = [string]$Value }
    }
    $open.SetValue($Name, $data, [Microsoft.Win32.RegistryValueKind]$Kind)
    # On disk before the act that relies on it.
    $open.Flush()
  } finally { $open.Close() }
}

# Nothing happens when the value or its key is not there.
function Remove-RegistryValue([string]$Hive, [string]$Key, [string]$Name, [string]$View) {
  $open = Open-RegistryKey $Hive $Key $View $true
  if ($null -eq $open) { return }
  try {
    $open.DeleteValue($Name, $false)
    $open.Flush()
  } finally { $open.Close() }
}

function Test-RegistryKey([string]$Hive, [string]$Key, [string]$View) {
  $open = Open-RegistryKey $Hive $Key $View $false
  if ($null -eq $open) { return $false }
  $open.Close()
  return $true
}

# Names of the keys right below; none when the key is not there.
function Get-RegistrySubkey([string]$Hive, [string]$Key, [string]$View) {
  $open = Open-RegistryKey $Hive $Key $View $false
  if ($null -eq $open) { return }
  try { $open.GetSubKeyNames() } finally { $open.Close() }
}
