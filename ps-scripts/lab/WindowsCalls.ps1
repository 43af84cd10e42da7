# The Windows calls of a simulated server: the same functions as in ps-scripts/shared/WindowsCalls.ps1, answered by the lab over loopback
# (src/lab/powershell-engine/world-calls.ts). Runs in the lab and in tests only, under PowerShell 7; it never goes to a server.
. "$PSScriptRoot\..\shared\Json.ps1"

# The environment says where the lab listens and who is asking: `<port> <token>`.
function Connect-World {
  $place = ([Environment]::GetEnvironmentVariable('EXROLL_LAB_WORLD')).Split(' ')
  $client = [Activator]::CreateInstance([Net.Sockets.TcpClient], [object[]]@('127.0.0.1', [int]$place[0]))
  $client.NoDelay = $true
  $script:worldStream = $client.GetStream()
  $script:worldReader = [Activator]::CreateInstance([IO.StreamReader], [object[]]@([IO.Stream]$script:worldStream))
  Send-World $place[1]
}

function Send-World([string]$Line) {
  $bytes = [Text.Encoding]::ASCII.GetBytes($Line + "`n")
  $script:worldStream.Write($bytes, 0, $bytes.Length)
}

# One question, one answer; a refusal of the world is thrown.
function Invoke-World {
  if ($null -eq $script:worldStream) { Connect-World }
  $name = [string]$args[0]
  $values = @()
  for ($i = 1; $i -lt $args.Count; $i++) { $values += , $args[$i] }
  Send-World (ConvertTo-JsonText (New-Record 'call' $name 'args' $values))
  $answer = [Text.Json.JsonDocument]::Parse($script:worldReader.ReadLine()).RootElement
  $refusal = $answer.GetProperty('error')
  if ($refusal.ValueKind -ne [Text.Json.JsonValueKind]::Null) { throw $refusal.GetString() }
  return , (ConvertFrom-World $answer.GetProperty('value'))
}

function ConvertFrom-World($Element) {
  switch ([string]$Element.ValueKind) {
    'Null' { return $null }
    'True' { return $true }
    'False' { return $false }
    'Number' { return $Element.GetInt64() }
    'String' { return $Element.GetString() }
    'Array' {
      $items = @()
      foreach ($item in $Element.EnumerateArray()) { $items += , (ConvertFrom-World $item) }
      if ($items.Length -eq 0 -or $items[0] -is [string]) { return , [string[]]$items }
      return , $items
    }
  }
  $record = New-Record
  foreach ($member in $Element.EnumerateObject()) { $record[$member.Name] = ConvertFrom-World $member.Value }
  if ($record.Contains('#bytes')) { return , [Convert]::FromBase64String($record['#bytes']) }
  return $record
}

function Get-ComputerName { return (Invoke-World 'Get-ComputerName') }
function Get-OsVersion { return [version](Invoke-World 'Get-OsVersion') }
function Get-PowerShellVersion { return (Invoke-World 'Get-PowerShellVersion') }
function Get-PowerShellPath { return (Invoke-World 'Get-PowerShellPath') }
function Test-64BitWindows { return (Invoke-World 'Test-64BitWindows') }
function Get-SystemTime { return [DateTime]::Parse((Invoke-World 'Get-SystemTime'), [Globalization.CultureInfo]::InvariantCulture).ToUniversalTime() }
function Get-UptimeMilliseconds { return (Invoke-World 'Get-UptimeMilliseconds') }
function Get-BootId { return (Invoke-World 'Get-BootId') }
function Wait-Moment([long]$Milliseconds) { [void](Invoke-World 'Wait-Moment' $Milliseconds) }
function Get-Logon { return (Invoke-World 'Get-Logon') }
function Restart-Windows([long]$DelaySeconds, [string]$Comment) { [void](Invoke-World 'Restart-Windows' $DelaySeconds $Comment) }

# The process is another one: it asks the world by itself whether its token is a full one.
function Get-TokenArgument([long]$Full, [long]$Filtered) {
  $text = '$p=[Environment]::GetEnvironmentVariable(''EXROLL_LAB_WORLD'').Split('' '')' + "`n" +
  '$s=[Net.Sockets.TcpClient]::new(''127.0.0.1'',[int]$p[0]).GetStream()' + "`n" +
  '$b=[Text.Encoding]::ASCII.GetBytes($p[1]+[char]10+''{"call":"Get-Logon","args":[]}''+[char]10)' + "`n" +
  '$s.Write($b,0,$b.Length)' + "`n" +
  'if([IO.StreamReader]::new($s).ReadLine().Contains(''"elevated":true'')){exit ' + $Full.ToString() + '}' + "`n" + 'exit ' + $Filtered.ToString()
  return '-NoLogo -NoProfile -NonInteractive -EncodedCommand ' + [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($text))
}

function Find-AccountSid([string]$Name) { return (Invoke-World 'Find-AccountSid' $Name) }
function Test-AccountAdministrator([string]$Name) { return (Invoke-World 'Test-AccountAdministrator' $Name) }

# The folder in which this process runs is the simulated machine: C:/x below it is C:\x there.
function Get-CommonDataFolder { return 'C:/ProgramData' }
function Get-SystemDriveFolder { return 'C:/' }
function Get-WindowsFolder { return 'C:/Windows' }
function Get-NativePath([string]$Path) { return (Invoke-World 'Get-NativePath' $Path) }
function Get-FreeBytes([string]$Path) { return (Invoke-World 'Get-FreeBytes') }
function Get-FileVersion([string]$Path) { return (Invoke-World 'Get-FileVersion' $Path) }
function Get-FileArchitecture([string]$Path) { return (Invoke-World 'Get-FileArchitecture' $Path) }
function Copy-SharedFile([string]$From, [string]$To) { return (Invoke-World 'Copy-SharedFile' $From $To) }
function Protect-Folder([string]$Path) { [void](Invoke-World 'Protect-Folder' $Path) }
function Get-FolderFault([string]$Path) { return (Invoke-World 'Get-FolderFault' $Path) }

function Get-RegistryValue([string]$Hive, [string]$Key, [string]$Name, [string]$View) {
  $value = Invoke-World 'Get-RegistryValue' $Hive $Key $Name $View
  if ($null -eq $value) { return $null }
  return , $value
}
function Set-RegistryValue([string]$Hive, [string]$Key, [string]$Name, [string]$View, [string]$Kind, $Value) { [void](Invoke-World 'Set-RegistryValue' $Hive $Key $Name $View $Kind $Value) }
function Remove-RegistryValue([string]$Hive, [string]$Key, [string]$Name, [string]$View) { [void](Invoke-World 'Remove-RegistryValue' $Hive $Key $Name $View) }
function Test-RegistryKey([string]$Hive, [string]$Key, [string]$View) { return (Invoke-World 'Test-RegistryKey' $Hive $Key $View) }
function Get-RegistrySubkey([string]$Hive, [string]$Key, [string]$View) { foreach ($name in (Invoke-World 'Get-RegistrySubkey' $Hive $Key $View)) { $name } }

function Mount-UserHive([string]$Name, [string]$ProfileFolder) { [void](Invoke-World 'Mount-UserHive' $Name $ProfileFolder) }
function Dismount-UserHive([string]$Name) { [void](Invoke-World 'Dismount-UserHive' $Name) }

function Get-ServiceList { foreach ($service in (Invoke-World 'Get-ServiceList')) { $service } }
function Get-ServiceState([string]$Name) { return (Invoke-World 'Get-ServiceState' $Name) }
function Set-ServiceStartType([string]$Name, [string]$StartType) { [void](Invoke-World 'Set-ServiceStartType' $Name $StartType) }
function Start-ServiceNow([string]$Name) { [void](Invoke-World 'Start-ServiceNow' $Name) }

function Get-OwnProcessId { return [int](Invoke-World 'Get-OwnProcessId') }
function Get-ProcessStart([int]$Id) { return (Invoke-World 'Get-ProcessStart' $Id) }
function Start-Installer([string]$PackagePath, [string]$LogPath, [string]$LogSwitch) { return (Invoke-World 'Start-Installer' $PackagePath $LogPath $LogSwitch) }
function Wait-Installer($Installer, [long]$Milliseconds) { return (Invoke-World 'Wait-Installer' $Installer['id'] $Milliseconds) }
function Stop-Installer([int]$Id, [string]$Start) { [void](Invoke-World 'Stop-Installer' $Id $Start) }
function Test-InstallerMutex { return (Invoke-World 'Test-InstallerMutex') }
function Test-InstallerInProgress { return (Invoke-World 'Test-InstallerInProgress') }
function Test-CrlReach([string]$Path) { return (Invoke-World 'Test-CrlReach' $Path) }

function Get-DirectoryReach { return (Invoke-World 'Get-DirectoryReach') }

function Register-SystemTask([string]$Name, [string]$Xml, [string]$Command, [string]$Argument, [string]$Folder, [bool]$Repeats) {
  return (Invoke-World 'Register-SystemTask' $Name $Xml $Command $Argument $Repeats)
}
function Register-AccountTask([string]$Name, [string]$Xml, [string]$Account, [string]$Password) {
  return (Invoke-World 'Register-AccountTask' $Name $Xml $Account $Password)
}
function Start-AccountTask([string]$Name) { return (Invoke-World 'Start-AccountTask' $Name) }
function Get-TaskResult([string]$Name) { return (Invoke-World 'Get-TaskResult' $Name) }
function Unregister-SystemTask([string]$Name) { [void](Invoke-World 'Unregister-SystemTask' $Name) }
function Start-SystemTask([string]$Name) { [void](Invoke-World 'Start-SystemTask' $Name) }
function Test-SystemTask([string]$Name) { return (Invoke-World 'Test-SystemTask' $Name) }

function Write-EventLogEntry([int]$Id, [string]$Level, [string]$Text) { [void](Invoke-World 'Write-EventLogEntry' $Id $Level $Text) }
function Export-EventLog([string]$Path, [DateTime]$Since) {
  $text = Invoke-World 'Get-EventText' ($Since.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ss.fffZ', [Globalization.CultureInfo]::InvariantCulture))
  if ($text -eq '') { return $false }
  [IO.File]::WriteAllText($Path, $text)
  return $true
}

function Get-ClusteredMailboxServerFact { return (Invoke-World 'Get-ClusteredMailboxServerFact') }
function Start-ClusteredMailboxServerMove([string]$Name, [string]$TargetNode) { [void](Invoke-World 'Start-ClusteredMailboxServerMove' $Name $TargetNode) }
