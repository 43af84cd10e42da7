param(
  [string]$Run = '',
  [string]$Account = '',
  [string]$AccountPassword = ''
)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot\..\shared\JobAccount.ps1"

Invoke-PrivilegedAnswer 'Test-JobAccount' {
  $sid = Get-JobAccountSid $Account
  Initialize-RunFolder $Run
  $answer = Test-JobAccountOnce $Run $Account $AccountPassword $sid
  if ($answer['result'] -eq $noFullToken) {
    Stop-Call 'JOB_ACCOUNT_RIGHTS' ($Account + ' is not in the Administrators group of this server') 'Put it there, directly or through a group of the domain, then run again.'
  }
  if ($answer['result'] -ne $fullToken) { Stop-AccountRefused $Account $answer['result'] $answer['text'] }
  New-Record 'sid' $sid
}
