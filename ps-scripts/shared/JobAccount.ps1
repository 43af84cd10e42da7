# The account that the install runs as, where it is not SYSTEM: what it must be able to do, and why Windows says no.
. "$PSScriptRoot\..\shared\Task.ps1"

# How long the scheduler may take until a task of the account has run: a first logon makes a profile. A refusal comes at once.
$accountTaskSeconds = 300
# Exit codes of the task that only looks at its own token: with and without Administrators in it.
$fullToken = 71
$noFullToken = 70
# Not to be taken for an answer: exit codes of others, and SCHED_S_TASK_RUNNING, _HAS_NOT_RUN, _QUEUED (winerror.h).
$noAnswerYet = @(0, 1, 0x41301, 0x41303, 0x41325)

# 0x80070000: a Win32 error as an HRESULT. In hexadecimal PowerShell would take it for a negative number.
$win32Base = [long]2147942400
# ERROR_LOGON_FAILURE, ERROR_LOGON_TYPE_NOT_GRANTED, ERROR_NO_SUCH_LOGON_SESSION, ERROR_NONE_MAPPED (winerror.h).
$logonFailure = $win32Base + 1326
$logonTypeRefused = $win32Base + 1385
$nothingStored = $win32Base + 1312
$noneMapped = $win32Base + 1332
# The account may not log on now: restriction, hours, workstation, expired, disabled, account expired, password to be changed, locked
# out (ERROR_ACCOUNT_RESTRICTION .. ERROR_ACCOUNT_LOCKED_OUT).
$logonRefusals = @(1327, 1328, 1329, 1330, 1331, 1793, 1907, 1909) | ForEach-Object { $win32Base + $_ }

# A name that ends in $ is a group managed service account: its password is the domain's secret.
function Test-ManagedAccount([string]$Account) { return $Account.EndsWith('$') }

# The SID of an account that this Windows can run tasks as. Stops the call with the reason when there is none.
function Get-JobAccountSid([string]$Account) {
  $os = Get-OsVersion
  if ($os.Major -lt 6) {
    Stop-Call 'JOB_ACCOUNT_UNSUPPORTED' 'Windows 2003 runs tasks of a named account only with their password on a command line' 'install.run_as: system'
  }
  if ((Test-ManagedAccount $Account) -and $os -lt [version]'6.2') {
    Stop-Call 'JOB_ACCOUNT_UNSUPPORTED' ('group managed service accounts like ' + $Account + ' need Windows Server 2012 or newer') 'install.run_as: system, or an account with a password.'
  }
  $sid = Find-AccountSid $Account
  if ($null -eq $sid) { Stop-AccountUnknown $Account }
  return $sid
}

function Stop-AccountUnknown([string]$Account) {
  Stop-Call 'JOB_ACCOUNT_UNKNOWN' ($Account + ' means nobody on this server') 'Write the user name of that credential as DOMAIN\user, or as .\user for an account of the server itself.'
}

function Stop-AccountBatch([string]$Account, [string]$Code) {
  $hint = 'Give it "Log on as a batch job" (SeBatchLogonRight), and take it out of "Deny log on as a batch job": Local Security Policy or Group Policy, User Rights Assignment.'
  Stop-Call 'JOB_ACCOUNT_BATCH' ($Account + ' may not log on as a batch job on this server' + $Code) $hint
}

# Ends the call with the reason that the scheduler gave. The password was tried once; nobody tries it again.
function Stop-AccountRefused([string]$Account, [long]$Result, [string]$Text) {
  $code = ' (0x' + $Result.ToString('x') + ')'
  if ($Result -eq $logonTypeRefused) { Stop-AccountBatch $Account $code }
  if ($Result -eq $noneMapped) { Stop-AccountUnknown $Account }
  if ($Result -eq $nothingStored) {
    Stop-Call 'JOB_ACCOUNT_POLICY' ('this server stores no passwords, so it runs no tasks of ' + $Account + $code) `
      'Turn off the policy "Network access: Do not allow storage of passwords and credentials for network authentication", or use install.run_as: system.'
  }
  if ($Result -eq $logonFailure -and (Test-ManagedAccount $Account)) {
    Stop-Call 'JOB_ACCOUNT_REFUSED' ('the domain does not give this server the password of ' + $Account + $code) `
      'Let the server retrieve it (Set-ADServiceAccount -PrincipalsAllowedToRetrieveManagedPassword), then run again.'
  }
  if ($Result -eq $logonFailure) {
    Stop-Call 'JOB_ACCOUNT_REFUSED' ('the user name or password of ' + $Account + ' is wrong' + $code + '; it was tried once') `
      'Correct where the inventory takes the password from, then run again. Many tries lock an account.'
  }
  if ($logonRefusals -contains $Result) {
    Stop-Call 'JOB_ACCOUNT_REFUSED' ('Windows does not let ' + $Account + ' log on' + $code + ': ' + $Text) 'Look at the account in Active Directory: locked, expired, disabled, or limited to other computers or hours.'
  }
  Stop-Call 'JOB_ACCOUNT_FAILED' ('no task of ' + $Account + ' can be run' + $code + ': ' + $Text) 'Look at the history of the Task Scheduler on the server; install.run_as: system needs no account.'
}

# Runs a task of the account that changes nothing, once, and takes it away with the password that the scheduler kept for it. `result`
# is the exit code, or why there is none.
function Invoke-AccountTask([string]$Run, [string]$Account, [string]$Password, [string]$Sid) {
  $name = Get-AccountTaskName $Run
  $refusal = Register-AccountTask $name (Get-TaskXml (Get-PowerShellPath) (Get-TokenArgument $fullToken $noFullToken) $false $Sid) $Account $Password
  if ($refusal['result'] -ne 0) { return $refusal }
  try {
    $refusal = Start-AccountTask $name
    if ($refusal['result'] -ne 0) { return $refusal }
    $deadline = (Get-UptimeMilliseconds) + 1000 * $accountTaskSeconds
    while ($true) {
      $result = Get-TaskResult $name
      $late = (Get-UptimeMilliseconds) -ge $deadline
      if ($noAnswerYet -notcontains $result -or $late) { return (New-Record 'result' $result 'text' 'its task did not run') }
      Wait-Moment 200
    }
  } finally { Unregister-SystemTask $name }
}

# The same question of the same run has the same answer: whoever lost an answer must not cost the account another logon.
function Test-JobAccountOnce([string]$Run, [string]$Account, [string]$Password, [string]$Sid) {
  $file = Get-RunFile $Run 'account.trial'
  $known = Get-StateText $file
  if ($null -eq $known) {
    $answer = Invoke-AccountTask $Run $Account $Password $Sid
    $known = $Sid + ' ' + $answer['result'].ToString() + ' ' + (ConvertTo-Field $answer['text'])
    Set-StateFile $file $known
  }
  $fields = $known.Split(' ')
  if ($fields[0] -cne $Sid) { Stop-Call 'JOB_ACCOUNT_CHANGED' ('run ' + $Run + ' tried another account on this server before') 'Start a new run.' }
  return (New-Record 'result' ([long]$fields[1]) 'text' (ConvertFrom-Field $fields[2]))
}

# Registers and starts a task of the account that runs a script of this run. Stops the call when Windows refuses.
function Start-AccountScriptTask([string]$TaskName, [string]$Argument, [string]$Account, [string]$Password, [string]$Sid) {
  $refusal = Register-AccountTask $TaskName (Get-TaskXml (Get-PowerShellPath) $Argument $false $Sid) $Account $Password
  if ($refusal['result'] -eq 0) { $refusal = Start-AccountTask $TaskName }
  if ($refusal['result'] -eq 0) { return }
  Unregister-SystemTask $TaskName
  Stop-AccountRefused $Account $refusal['result'] $refusal['text']
}
