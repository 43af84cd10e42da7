# Scheduled tasks as SYSTEM. Windows 2008 and newer take a definition in XML. Windows 2003 takes one schedule a task and 262 characters
# of command: there a .cmd in the run's folder holds the command, and what repeats is two tasks.
# A task of a named account (2008 and newer) goes through the scheduler's own interface: schtasks.exe takes a password on its command
# line only, where everybody can read it.
. "$PSScriptRoot\..\shared\Json.ps1"
. "$PSScriptRoot\..\windows\Machine.ps1"
. "$PSScriptRoot\..\windows\Accounts.ps1"
. "$PSScriptRoot\..\windows\Programs.ps1"
. "$PSScriptRoot\..\windows\Refusal.ps1"

function Test-XmlTask { return ((Get-OsVersion).Major -ge 6) }

# Both folders are the scheduler's own; its query answers in the language of the server.
function Test-SystemTask([string]$Name) {
  if (Test-XmlTask) { return [IO.File]::Exists((Get-SystemProgram ('Tasks\' + $Name))) }
  return [IO.File]::Exists([IO.Path]::Combine((Get-WindowsFolder), 'Tasks\' + $Name + '.job'))
}

function Invoke-TaskProgram([string]$Words) {
  $ended = Invoke-Program (Get-SystemProgram 'schtasks.exe') $Words
  if ($ended['exitCode'] -ne 0) { throw ('schtasks.exe ' + $Words + ' ended with ' + $ended['exitCode'].ToString() + ': ' + $ended['output']) }
}

# Returns the names of the tasks made. A task of that name is replaced.
function Register-SystemTask([string]$Name, [string]$Xml, [string]$Command, [string]$Argument, [string]$Folder, [bool]$Repeats) {
  if (Test-XmlTask) {
    $file = [IO.Path]::Combine($Folder, $Name + '.xml')
    [IO.File]::WriteAllText($file, $Xml, [Text.Encoding]::Unicode)
    try { Invoke-TaskProgram ('/Create /TN "' + $Name + '" /XML "' + $file + '" /RU SYSTEM /F') } finally { [IO.File]::Delete($file) }
    return @($Name)
  }
  $launcher = [IO.Path]::Combine($Folder, $Name + '.cmd')
  [IO.File]::WriteAllText($launcher, '@"' + $Command + '" ' + $Argument + "`r`n", [Text.Encoding]::ASCII)
  Unregister-SystemTask $Name
  $run = ' /TR "\"' + $launcher + '\"" /RU SYSTEM'
  # A job is only started by hand, but every task of 2003 has a schedule: one that nobody will live to see.
  if (-not $Repeats) {
    Invoke-TaskProgram ('/Create /TN "' + $Name + '"' + $run + ' /SC MONTHLY /MO 12')
    return @($Name)
  }
  Invoke-TaskProgram ('/Create /TN "' + $Name + '"' + $run + ' /SC ONSTART')
  Invoke-TaskProgram ('/Create /TN "' + $Name + '-again"' + $run + ' /SC MINUTE /MO 5')
  return @($Name, ($Name + '-again'))
}

# Nothing happens when there is no such task. What it started runs on.
function Unregister-SystemTask([string]$Name) {
  foreach ($each in @($Name, ($Name + '-again'))) { if (Test-SystemTask $each) { Invoke-TaskProgram ('/Delete /TN "' + $each + '" /F') } }
}

# TASK_CREATE_OR_UPDATE and TASK_LOGON_PASSWORD (taskschd.h).
$createOrUpdate = [int]6
$logonPassword = [int]1

# A member of a COM object, found by its name when it is needed. `InvokeMethod`, `GetProperty` or `SetProperty`.
function Invoke-TaskMember($Object, [string]$Member, [string]$How, [object[]]$Values) {
  return [Type]::GetType('System.__ComObject').InvokeMember($Member, [Reflection.BindingFlags]$How, $null, $Object, $Values)
}

function Get-TaskScheduler {
  $scheduler = [Activator]::CreateInstance([Type]::GetTypeFromProgID('Schedule.Service'))
  [void](Invoke-TaskMember $scheduler 'Connect' 'InvokeMethod' @())
  return $scheduler
}

# Registers a task of a named account; the scheduler tries its password once and keeps it until the task is removed. No password: a
# group managed service account, whose password the domain gives to this computer. `result` is 0, or why not.
function Register-AccountTask([string]$Name, [string]$Xml, [string]$Account, [string]$Password) {
  $secret = $null
  if ($Password -cne '') { $secret = $Password }
  try {
    $scheduler = Get-TaskScheduler
    $definition = Invoke-TaskMember $scheduler 'NewTask' 'InvokeMethod' @([int]0)
    [void](Invoke-TaskMember $definition 'XmlText' 'SetProperty' @($Xml))
    $folder = Invoke-TaskMember $scheduler 'GetFolder' 'InvokeMethod' @('\')
    # The object itself: what PowerShell wraps around it means nothing to COM.
    $values = @($Name, $definition.PSObject.BaseObject, $createOrUpdate, (Get-WholeAccountName $Account), $secret, $logonPassword, $null)
    [void](Invoke-TaskMember $folder 'RegisterTaskDefinition' 'InvokeMethod' $values)
  } catch { return (New-Refusal $_) }
  return (New-Record 'result' ([long]0) 'text' '')
}

function Get-RegisteredTask([string]$Name) {
  $folder = Invoke-TaskMember (Get-TaskScheduler) 'GetFolder' 'InvokeMethod' @('\')
  return (Invoke-TaskMember $folder 'GetTask' 'InvokeMethod' @($Name))
}

# As `schtasks /Run`, but with the reason when Windows does not let the account log on. `result` is 0, or why not.
function Start-AccountTask([string]$Name) {
  try { [void](Invoke-TaskMember (Get-RegisteredTask $Name) 'Run' 'InvokeMethod' @($null)) } catch { return (New-Refusal $_) }
  return (New-Record 'result' ([long]0) 'text' '')
}

# What the last start of a task came to: its exit code, a reason of the scheduler's (0x8007....), or 0x413.. while there is none.
function Get-TaskResult([string]$Name) {
  return ([long](Invoke-TaskMember (Get-RegisteredTask $Name) 'LastTaskResult' 'GetProperty' @()) -band [long]4294967295)
}

function Start-SystemTask([string]$Name) { Invoke-TaskProgram ('/Run /TN "' + $Name + '"') }
