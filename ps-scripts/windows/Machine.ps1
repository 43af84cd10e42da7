# The machine: names, versions, clocks, the logon, a restart. No WMI: the installer stops it (exchange.md 0, fact 3).
. "$PSScriptRoot\..\shared\Json.ps1"
. "$PSScriptRoot\..\windows\Programs.ps1"
. "$PSScriptRoot\..\windows\Registry.ps1"

function Get-ComputerName { return [Environment]::MachineName }
function Get-OsVersion { return [Environment]::OSVersion.Version }
function Get-PowerShellVersion { return $PSVersionTable.PSVersion.Major.ToString() + '.' + $PSVersionTable.PSVersion.Minor.ToString() }
function Get-PowerShellPath { return (Get-SystemProgram 'WindowsPowerShell\v1.0\powershell.exe') }

function Get-SystemTime { return [DateTime]::UtcNow }

# The performance counter counts from the boot and does not wrap; Environment.TickCount wraps after 25 days.
function Get-UptimeMilliseconds { return [long][Math]::Floor([Diagnostics.Stopwatch]::GetTimestamp() * 1000.0 / [Diagnostics.Stopwatch]::Frequency) }

# Changes with every boot, whatever the clock does. Windows 2008 and newer count boots; before that the service manager's start tells.
# One source a machine, and one that SYSTEM and Administrators can both read: job, guard and calls compare their answers.
function Get-BootId {
  $count = Get-RegistryValue 'HKLM' 'SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters' 'BootId' '64'
  if ($null -ne $count) { return 'boot-' + ([long]$count).ToString() }
  foreach ($process in [Diagnostics.Process]::GetProcessesByName('services')) { return 'since-' + $process.get_StartTime().ToFileTimeUtc().ToString() }
  throw 'this Windows does not say when it was started: neither BootId of PrefetchParameters nor services.exe can be read'
}

function Wait-Moment([long]$Milliseconds) { [Threading.Thread]::Sleep([int]$Milliseconds) }

function Get-Logon {
  $identity = [Security.Principal.WindowsIdentity]::GetCurrent()
  $principal = [Activator]::CreateInstance([Security.Principal.WindowsPrincipal], [object[]]@($identity))
  $elevated = $principal.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
  if ($elevated) { $note = $identity.Name + ' has a full token' }
  else { $note = $identity.Name + ' is not in Administrators, or this logon got its token without it (User Account Control)' }
  return (New-Record 'user' $identity.Name 'sid' $identity.User.Value 'elevated' $elevated 'note' $note)
}

# 4:2 is "Application: Installation, planned" (System Shutdown Reason Codes). Returns at once.
function Restart-Windows([long]$DelaySeconds, [string]$Comment) {
  $words = '/r /f /t ' + $DelaySeconds.ToString() + ' /d p:4:2 /c "' + $Comment.Replace('"', "'") + '"'
  $ended = Invoke-Program (Get-SystemProgram 'shutdown.exe') $words
  # 1190: a restart is scheduled already, which is what was asked for.
  if ($ended['exitCode'] -ne 0 -and $ended['exitCode'] -ne 1190) { throw ('shutdown.exe: ' + $ended['output']) }
}
