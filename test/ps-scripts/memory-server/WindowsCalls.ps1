# A server in memory, for tests of everything that is not a Windows call. It lives in $global:World from one call to the next. Its clock
# moves by Wait-Moment alone. A call may be the one at which the power goes (killAt): what ran then is gone without a word.

function Enter-WindowsCall([string]$Name) {
  $global:World.calls += 1
  if ($global:World.calls -eq $global:World.killAt) { $global:World.killed = $Name; break power }
}

function Write-Deed([string]$Text) { [void]$global:World.deeds.Add($Text) }

function Get-ComputerName { return 'EX-MBX-01' }
function Get-OsVersion { return [version]$global:World.osVersion }
function Test-64BitWindows { return $global:World.is64Bit }
function Get-PowerShellVersion { return '2.0' }
function Get-PowerShellPath { return 'C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe' }
function Get-SystemTime { Enter-WindowsCall 'Get-SystemTime'; return ([DateTime]'2008-10-14T20:00:00Z').ToUniversalTime().AddMilliseconds($global:World.elapsed) }
function Get-UptimeMilliseconds { return [long]$global:World.uptime }
function Get-BootId { Enter-WindowsCall 'Get-BootId'; return $global:World.boot }
function Get-Logon { return (New-Record 'user' 'EXLAB\exadmin' 'sid' 'S-1-5-21-1-2-3-1108' 'elevated' $global:World.elevated 'note' 'EXLAB\exadmin has a full token') }
function Restart-Windows($Seconds, $Comment) { Write-Deed ('restart in ' + $Seconds) }

# Accounts by name: `sid`, `administrator`, `password`, `refusal` (what the scheduler says to its task), `starts` (what its start comes to).
function Find-AccountSid($Name) {
  if ($global:World.accounts.Contains($Name)) { return $global:World.accounts[$Name].sid }
  return $null
}
function Test-AccountAdministrator($Name) { return $global:World.accounts[$Name].administrator }
function Get-TokenArgument($Full, $Filtered) { return 'token ' + $Full + ' ' + $Filtered }

# A file in a profile is mounted by copying what is kept under its SID in another table.
function Mount-UserHive($Name, $ProfileFolder) {
  Enter-WindowsCall 'Mount-UserHive'
  if ($global:World.hiveFault -ne '') { throw $global:World.hiveFault }
  foreach ($place in @($global:World.profiles.Keys)) {
    $global:World.registry[$place.Replace('HKU\' + $Name.Substring(7) + '\', 'HKU\' + $Name + '\')] = $global:World.profiles[$place]
  }
  Write-Deed ('mount ' + $Name + ' ' + $ProfileFolder)
}

function Dismount-UserHive($Name) {
  Enter-WindowsCall 'Dismount-UserHive'
  if ($global:World.hiveHeld -gt 0) { $global:World.hiveHeld -= 1; throw 'Access is denied.' }
  $prefix = 'HKU\' + $Name + '\'
  $global:World.profiles = @{}
  foreach ($place in @($global:World.registry.Keys)) {
    if (-not $place.StartsWith($prefix)) { continue }
    $global:World.profiles[$place.Replace($prefix, 'HKU\' + $Name.Substring(7) + '\')] = $global:World.registry[$place]
    $global:World.registry.Remove($place)
  }
  Write-Deed ('dismount ' + $Name)
}

function Wait-Moment($Milliseconds) {
  Enter-WindowsCall 'Wait-Moment'
  $global:World.uptime += $Milliseconds
  $global:World.elapsed += $Milliseconds
  foreach ($service in $global:World.services) {
    if ($service.state -ceq 'StartPending' -and $global:World.uptime -ge $service.upAt) { $service.state = 'Running' }
  }
}

function Get-CommonDataFolder { return $global:World.root + '/ProgramData' }
function Get-SystemDriveFolder { return $global:World.root }
function Get-WindowsFolder { return $global:World.root + '/Windows' }
function Get-NativePath($Path) { return $Path.Replace('C:\', $global:World.root + '/').Replace('\', '/') }
function Get-FreeBytes($Path) { return [long]$global:World.freeBytes }
function Get-FileVersion($Path) { if ([IO.File]::Exists($Path)) { return [IO.File]::ReadAllText($Path) } }
function Get-FileArchitecture($Path) { return $global:World.architecture }
# The one file of the network's one share, or why nobody gets it.
function Copy-SharedFile($From, $To) {
  Enter-WindowsCall 'Copy-SharedFile'
  Write-Deed ('copy ' + $From)
  if ($global:World.diskFull) { throw 'There is not enough space on the disk.' }
  if ($global:World.shareFault -ne 0) {
    return (New-Record 'account' 'CONTOSO\EX-MBX-01$' 'bytes' ([long]0) 'result' ([long]$global:World.shareFault) 'text' 'as Windows says it')
  }
  [IO.File]::WriteAllText($To, $global:World.shared)
  return (New-Record 'account' 'CONTOSO\EX-MBX-01$' 'bytes' ([long]$global:World.shared.Length) 'result' ([long]0) 'text' '')
}
function Protect-Folder($Path) {
  Enter-WindowsCall 'Protect-Folder'
  Write-Deed ('protect ' + [IO.Path]::GetFileName($Path).Split('.')[0])
  if ($global:World.intruder) { [IO.File]::WriteAllText($Path + '/planted.ps1', '') }
}
function Get-FolderFault($Path) { return $global:World.folderFault }

function Get-Place($Hive, $Key, $Name, $View) { return ($Hive + '\' + $Key + '|' + $Name + '|' + $View) }
function Get-RegistryValue($Hive, $Key, $Name, $View) { return $global:World.registry[(Get-Place $Hive $Key $Name $View)] }

# True when the write is to vanish without an error: an agent that puts its own value back at once.
function Test-Swallowed($Place) {
  if ($global:World.refuse -eq 'none' -or $Place -notlike $global:World.refuse) { return $false }
  if ($global:World.refusal -eq 'silent') { return $true }
  throw ('Access is denied: ' + $Place)
}

function Set-RegistryValue($Hive, $Key, $Name, $View, $Kind, $Value) {
  Enter-WindowsCall 'Set-RegistryValue'
  $place = Get-Place $Hive $Key $Name $View
  if (Test-Swallowed ('set ' + $place + '=' + $Value)) { return }
  $global:World.registry[$place] = $Value
  Write-Deed ('set ' + $Kind + ' ' + $place + '=' + $Value)
}

function Remove-RegistryValue($Hive, $Key, $Name, $View) {
  Enter-WindowsCall 'Remove-RegistryValue'
  $place = Get-Place $Hive $Key $Name $View
  if (Test-Swallowed ('remove ' + $place)) { return }
  $global:World.registry.Remove($place)
  Write-Deed ('remove ' + $place)
}

function Get-RegistrySubkey($Hive, $Key, $View) {
  $seen = @{}
  foreach ($place in @($global:World.registry.Keys)) {
    $parts = $place.Split('|')
    $prefix = $Hive + '\' + $Key + '\'
    if ($parts[2] -ne $View -or -not $parts[0].StartsWith($prefix)) { continue }
    $name = $parts[0].Substring($prefix.Length).Split('\')[0]
    if (-not $seen.ContainsKey($name)) { $seen[$name] = $true; $name }
  }
}

function Test-RegistryKey($Hive, $Key, $View) {
  # Whoever asks is logged on.
  if ($Hive -eq 'HKU' -and $Key -eq 'S-1-5-21-1-2-3-1108') { return $true }
  foreach ($place in @($global:World.registry.Keys)) {
    $parts = $place.Split('|')
    if ($parts[2] -eq $View -and ($parts[0] + '\').StartsWith($Hive + '\' + $Key + '\')) { return $true }
  }
  return $false
}

function Get-ServiceList {
  foreach ($service in $global:World.services) {
    New-Record 'name' $service.name 'displayName' $service.displayName 'startType' $service.startType 'state' $service.state 'dependsOn' @($service.dependsOn)
  }
}

function Find-Service($Name) {
  foreach ($service in $global:World.services) { if ($service.name -eq $Name) { return $service } }
  throw ($Name + ': The specified service does not exist as an installed service. (1060)')
}

function Get-ServiceState($Name) { return (Find-Service $Name).state }

function Set-ServiceStartType($Name, $StartType) {
  Enter-WindowsCall 'Set-ServiceStartType'
  $service = Find-Service $Name
  if (Test-Swallowed ('configure ' + $Name)) { return }
  $service.startType = $StartType
  Write-Deed ('configure ' + $Name + ' ' + $StartType)
}

function Start-ServiceNow($Name) {
  Enter-WindowsCall 'Start-ServiceNow'
  $service = Find-Service $Name
  Write-Deed ('start ' + $Name)
  if ($service.startType -ceq 'Disabled') { throw ($Name + ': The service cannot be started, it is disabled. (1058)') }
  foreach ($needed in @($service.dependsOn)) {
    if ((Find-Service $needed).state -cne 'Running') { throw ($Name + ': The dependency service or group failed to start. (1068)') }
  }
  if ($service.failures -gt 0) {
    $service.failures -= 1
    throw ($Name + ': The service did not respond to the start or control request in a timely fashion. (1053)')
  }
  $service.state = 'StartPending'
  $service.upAt = $global:World.uptime + 1500
}

function Get-OwnProcessId { return $global:World.ownId }
function Get-ProcessStart($Id) { return $global:World.processes[[string]$Id] }
function Test-InstallerMutex { return [bool]$global:World.mutex }
function Test-InstallerInProgress { return [bool]$global:World.inProgress }
function Get-DirectoryReach { return (New-Record 'reachable' $global:World.directory 'detail' 'asked') }
function Test-CrlReach($Path) { return (New-Record 'reachable' $global:World.crl 'detail' ('asked about ' + [IO.Path]::GetFileName($Path))) }

# What the installer does is the test's: it gets the log's path and returns the exit code.
function Start-Installer($PackagePath, $LogPath, $LogSwitch) {
  Enter-WindowsCall 'Start-Installer'
  Write-Deed ('msiexec ' + [IO.Path]::GetFileName($PackagePath) + ' ' + $LogSwitch + ' ' + [IO.Path]::GetFileName($LogPath))
  $global:World.installs += 1
  $global:World.mutex = $true
  $global:World.logPath = $LogPath
  $code = [long](& ([scriptblock]::Create($global:World.installer)))
  return (New-Record 'id' 5000 'start' 'msi' 'code' $code)
}

function Wait-Installer($Installer, $Milliseconds) {
  Enter-WindowsCall 'Wait-Installer'
  if ($global:World.hangs -gt 0) {
    $global:World.hangs -= 1
    $global:World.uptime += $Milliseconds
    & ([scriptblock]::Create($global:World.meanwhile))
    return $null
  }
  $global:World.mutex = $false
  return $Installer['code']
}

function Stop-Installer($Id, $Start) { Write-Deed ('ask msiexec to end'); $global:World.hangs = 0 }

function Register-SystemTask($Name, $Xml, $Command, $Argument, $Folder, $Repeats) {
  Enter-WindowsCall 'Register-SystemTask'
  $global:World.tasks[$Name] = $Argument
  $global:World.xml = $Xml
  Write-Deed ('task ' + $Name)
  return @($Name)
}

function Register-AccountTask($Name, $Xml, $Account, $Password) {
  Enter-WindowsCall 'Register-AccountTask'
  $known = $global:World.accounts[$Account]
  Write-Deed ('logon of ' + $Account)
  if ($known.refusal -ne 0) { return (New-Record 'result' ([long]$known.refusal) 'text' 'refused') }
  if ($Password -cne $known.password) { return (New-Record 'result' ([long]2147943726) 'text' 'The user name or password is incorrect.') }
  $global:World.tasks[$Name] = [regex]::Match($Xml, '<Arguments>(.*)</Arguments>').Groups[1].Value
  $global:World.xml = $Xml
  $global:World.results[$Name] = [long]0x41303
  Write-Deed ('task ' + $Name + ' of ' + $Account)
  return (New-Record 'result' ([long]0) 'text' '')
}

function Start-AccountTask($Name) {
  Enter-WindowsCall 'Start-AccountTask'
  Write-Deed ('run task ' + $Name)
  if ($global:World.starts -ne 0) { $global:World.results[$Name] = [long]$global:World.starts }
  elseif ($global:World.tasks[$Name].StartsWith('token ')) { $global:World.results[$Name] = [long]$global:World.tasks[$Name].Split(' ')[$global:World.token] }
  elseif ($global:World.scheduler) { Invoke-Task $Name; $global:World.results[$Name] = [long]0 }
  return (New-Record 'result' ([long]0) 'text' '')
}

function Get-TaskResult($Name) { return $global:World.results[$Name] }

function Unregister-SystemTask($Name) {
  Enter-WindowsCall 'Unregister-SystemTask'
  if ($global:World.tasks.Contains($Name)) { $global:World.tasks.Remove($Name); Write-Deed ('no task ' + $Name) }
}

function Test-SystemTask($Name) { return $global:World.tasks.Contains($Name) }

function Start-SystemTask($Name) {
  Enter-WindowsCall 'Start-SystemTask'
  Write-Deed ('run task ' + $Name)
  if ($global:World.scheduler) { Invoke-Task $Name }
}

function Write-EventLogEntry($Id, $Level, $Text) {
  Enter-WindowsCall 'Write-EventLogEntry'
  [void]$global:World.events.Add((New-Record 'id' ([long]$Id) 'level' $Level 'text' $Text))
}

function Export-EventLog($Path, $Since) {
  if ($global:World.events.Count -eq 0) { return $false }
  [IO.File]::WriteAllText($Path, 'events')
  return $true
}

function Get-ClusteredMailboxServerFact { return $global:World.cluster }
function Start-ClusteredMailboxServerMove($Name, $TargetNode) {
  Write-Deed ('move ' + $Name + ' to ' + $TargetNode)
  $global:World.cluster['activeNode'] = $TargetNode
  $global:World.cluster['isActive'] = $false
}
