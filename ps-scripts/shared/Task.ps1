# Scheduled tasks whose action is a fixed bootstrap: it reads a script file, checks its hash and runs it. Never -File: a
# Group Policy beats -ExecutionPolicy Bypass, and while WMI is down policy evaluation fails.
. "$PSScriptRoot\..\shared\State.ps1"

function Get-GuardTaskName([string]$Run) { return 'exroll-guard-' + $Run }
function Get-JobTaskName([string]$Run) { return 'exroll-job-' + $Run }
# There for a moment, to try the job's account.
function Get-AccountTaskName([string]$Run) { return 'exroll-account-' + $Run }
# There until the copy of a package from a share has begun.
function Get-CopyTaskName([string]$Run) { return 'exroll-copy-' + $Run }

# Arguments of powershell.exe for a script of this run.
function Get-TaskArgument([string]$Run, [string]$ScriptPath, [string]$Sha256) {
  $text = '$b=[IO.File]::ReadAllBytes(''' + $ScriptPath.Replace("'", "''") + ''')' + "`n" +
  '$d=[BitConverter]::ToString([Security.Cryptography.SHA256]::Create().ComputeHash($b)).Replace(''-'','''').ToLower()' + "`n" +
  'if($d -cne ''' + $Sha256 + '''){exit 87}' + "`n" +
  '& ([scriptblock]::Create([Text.Encoding]::UTF8.GetString($b))) -Run ''' + $Run + '''' + "`n" + 'exit 0'
  $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($text))
  return '-NoLogo -NoProfile -NonInteractive -InputFormat None -EncodedCommand ' + $encoded
}

# Who a task runs as: SYSTEM, or the account with that SID and a password that the scheduler keeps.
function Get-TaskPrincipal([string]$Sid) {
  $logon = ''
  if ($Sid -cne $systemSid) { $logon = '<LogonType>Password</LogonType>' }
  return '<Principal id="Author"><UserId>' + $Sid + '</UserId>' + $logon + '<RunLevel>HighestAvailable</RunLevel></Principal>'
}

# Definition of a task (Windows 2008 and newer). Priority 4: the default, 7, is below normal. PT0S: no time limit.
function Get-TaskXml([string]$Command, [string]$Argument, [bool]$Repeats, [string]$Sid) {
  $triggers = ''
  if ($Repeats) {
    $triggers = '<BootTrigger><Enabled>true</Enabled></BootTrigger>' +
    '<TimeTrigger><Enabled>true</Enabled><StartBoundary>2000-01-01T00:00:00</StartBoundary>' +
    '<Repetition><Interval>PT5M</Interval><StopAtDurationEnd>false</StopAtDurationEnd></Repetition></TimeTrigger>'
  }
  return '<?xml version="1.0" encoding="UTF-16"?>' +
  '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task"><Triggers>' + $triggers + '</Triggers>' +
  '<Principals>' + (Get-TaskPrincipal $Sid) + '</Principals>' +
  '<Settings><MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>' +
  '<DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries><StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>' +
  '<AllowHardTerminate>false</AllowHardTerminate><StartWhenAvailable>true</StartWhenAvailable>' +
  '<RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>' +
  '<IdleSettings><StopOnIdleEnd>false</StopOnIdleEnd><RestartOnIdle>false</RestartOnIdle></IdleSettings>' +
  '<AllowStartOnDemand>true</AllowStartOnDemand><Enabled>true</Enabled><Hidden>false</Hidden>' +
  '<RunOnlyIfIdle>false</RunOnlyIfIdle><WakeToRun>false</WakeToRun><ExecutionTimeLimit>PT0S</ExecutionTimeLimit><Priority>4</Priority></Settings>' +
  '<Actions Context="Author"><Exec><Command>' + [Security.SecurityElement]::Escape($Command) + '</Command>' +
  '<Arguments>' + [Security.SecurityElement]::Escape($Argument) + '</Arguments></Exec></Actions></Task>'
}

# What a task runs has to be what was sent.
function Confirm-Script([string]$FileName, [string]$Script, [string]$Sha256) {
  if ((Get-Sha256 ([Text.Encoding]::UTF8.GetBytes($Script))) -cne $Sha256) {
    Stop-Call 'SCRIPT_DAMAGED' ($FileName + ' does not have the hash that came with it') 'Run again.'
  }
}

# Keeps the script in the run's folder. Returns the arguments that a task runs it with.
function Set-TaskScript([string]$Run, [string]$FileName, [string]$Script, [string]$Sha256) {
  Confirm-Script $FileName $Script $Sha256
  $path = Get-RunFile $Run $FileName
  Set-StateFile $path $Script
  return (Get-TaskArgument $Run $path $Sha256)
}

# Registers a task of SYSTEM that runs a script of this run. Returns the names of the tasks made.
function Register-ScriptTask([string]$Run, [string]$TaskName, [string]$FileName, [string]$Script, [string]$Sha256, [bool]$Repeats) {
  $argument = Set-TaskScript $Run $FileName $Script $Sha256
  $command = Get-PowerShellPath
  return @(Register-SystemTask $TaskName (Get-TaskXml $command $argument $Repeats $systemSid) $command $argument (Get-RunFolder $Run) $Repeats)
}
