# Scheduled tasks as SYSTEM. Windows 2008 and newer take a definition in XML. Windows 2003 takes one schedule a task and 262 characters
# of command: there a .cmd in the run's folder holds the command, and what repeats is two tasks.
. "$PSScriptRoot\..\shared\Json.ps1"
. "$PSScriptRoot\..\windows\Machine.ps1"
. "$PSScriptRoot\..\windows\Programs.ps1"

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

function Start-SystemTask([string]$Name) { Invoke-TaskProgram ('/Run /TN "' + $Name + '"') }
