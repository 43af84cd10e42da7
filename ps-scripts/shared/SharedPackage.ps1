# A package that the server fetches from a share by itself. A session has no credentials for a second computer, so a task copies it: of SYSTEM,
# which is the computer's own account on the network, or of the account that the install runs as.
. "$PSScriptRoot\..\shared\JobAccount.ps1"

# How long the scheduler may take until the copy has begun; on a busy server PowerShell alone takes a while.
$copyClaimSeconds = 300
$copyLookMilliseconds = 500
# The copy came to no answer of Windows': a disk that is full, a scheduler that refuses.
$copyBroke = [long]-1

# What Windows means by the ways in which a share cannot be read (winerror.h).
$shareFaults = New-Record '2' 'there is no such file' '3' 'there is no such folder in the share' '5' 'access is denied' `
  '53' 'no computer of that name answers' '67' 'that computer has no such share' '1326' 'that computer does not know this account or its password'

function Get-CopyClaimFile([string]$Run) { return (Get-RunFile $Run 'copy.claim') }
function Get-CopyEndFile([string]$Run) { return (Get-RunFile $Run 'copy.end') }
function Get-CopyRequestFile([string]$Run) { return (Get-RunFile $Run 'copy.request') }

# Takes the copy for this process: a second one beside it would write into the same file.
function New-CopyClaim([string]$Run) {
  $id = Get-OwnProcessId
  return (New-StateFile (Get-CopyClaimFile $Run) ([string]::Join(' ', @((Get-BootId), ([long]$id).ToString(), [string](Get-ProcessStart $id)))))
}

# none: nobody copies, or whoever did is gone without a word. running: its process lives. ended: it said how.
function Get-CopyState([string]$Run) {
  $claim = Get-StateText (Get-CopyClaimFile $Run)
  if ([IO.File]::Exists((Get-CopyEndFile $Run))) { return 'ended' }
  if ($null -eq $claim) { return 'none' }
  $fields = $claim.Trim().Split(' ')
  if ($fields[0] -ceq (Get-BootId) -and (Get-ProcessStart ([int]$fields[1])) -ceq $fields[2]) { return 'running' }
  # It may have come to its end between the two looks.
  if ([IO.File]::Exists((Get-CopyEndFile $Run))) { return 'ended' }
  return 'none'
}

# How the copy ended: `account`, `bytes`, `result` (0, an HRESULT without a sign, or -1) and `text`.
function Get-CopyEnd([string]$Run) {
  $fields = (Get-StateText (Get-CopyEndFile $Run)).Trim().Split(' ')
  return (New-Record 'account' (ConvertFrom-Field $fields[0]) 'bytes' (ConvertFrom-Field $fields[1]) 'result' (ConvertFrom-Field $fields[2]) 'text' (ConvertFrom-Field $fields[3]))
}

# What the task does. It takes itself away first: what it started runs on, and no password stays with the scheduler whatever becomes of it.
function Invoke-SharedCopy([string]$Run) {
  if (-not (New-CopyClaim $Run)) { return }
  $request = (Get-StateText (Get-CopyRequestFile $Run)).Trim().Split(' ')
  $upload = ConvertFrom-Field $request[1]
  try {
    Unregister-SystemTask (Get-CopyTaskName $Run)
    $end = Copy-SharedFile (ConvertFrom-Field $request[0]) $upload
  } catch { $end = New-Record 'account' '' 'bytes' ([long]0) 'result' $copyBroke 'text' $_.Exception.GetBaseException().Message }
  if ($end['result'] -ne 0) { [IO.File]::Delete($upload) }
  $fields = @((ConvertTo-Field $end['account']), (ConvertTo-Field $end['bytes']), (ConvertTo-Field $end['result']), (ConvertTo-Field $end['text']))
  Set-StateFile (Get-CopyEndFile $Run) ([string]::Join(' ', [string[]]$fields))
}

# Nothing of an earlier copy that came to nothing may speak for the next one.
function Clear-Copy([string]$Run) {
  [IO.File]::Delete((Get-CopyEndFile $Run))
  [IO.File]::Delete((Get-CopyClaimFile $Run))
}

# Ends the call with who could not read what, and why.
function Stop-ShareUnreadable([string]$Share, $End) {
  $code = [long]$End['result']
  $number = ($code - $win32Base).ToString()
  $words = $End['text']
  if ($shareFaults.Contains($number)) { $words = $shareFaults[$number] }
  Stop-Call 'SHARE_UNREADABLE' ($End['account'] + ' cannot read ' + $Share + ': ' + $words + ' (0x' + $code.ToString('x') + ')') `
  ('Give ' + $End['account'] + ', or Domain Computers, Read on the share and on its folder (NTFS), and check the path; or leave update.share out: exroll sends the package then.')
}

# The end of a copy as an answer. A failure is told once: whoever asks again wants it tried again.
function Complete-SharedCopy([string]$Run, [string]$Share) {
  $end = Get-CopyEnd $Run
  if ($end['result'] -eq 0) { return (New-Record 'copied' $true 'bytes' $end['bytes']) }
  Clear-Copy $Run
  if ($end['result'] -eq $copyBroke) {
    Stop-Call 'SHARE_COPY_FAILED' ('the copy from ' + $Share + ' broke off: ' + $end['text']) 'Look at the free space of the system drive. Nothing was changed; run again.'
  }
  Stop-ShareUnreadable $Share $end
}

# A start that Windows refuses shows in the task's result alone. The task takes itself away once it runs.
function Confirm-CopyTask([string]$Run, [string]$Account) {
  $name = Get-CopyTaskName $Run
  if (-not (Test-SystemTask $name)) { return }
  try { $result = Get-TaskResult $name } catch {
    if ([IO.File]::Exists((Get-CopyClaimFile $Run))) { return }
    throw
  }
  if ($noAnswerYet -contains $result -or [IO.File]::Exists((Get-CopyClaimFile $Run))) { return }
  Stop-AccountRefused $Account $result 'the task ended before the copy began'
}

# Waits until the task has taken the copy.
function Wait-CopyClaim([string]$Run, [string]$Account) {
  $deadline = (Get-UptimeMilliseconds) + 1000 * $copyClaimSeconds
  while (-not [IO.File]::Exists((Get-CopyClaimFile $Run))) {
    if ((Get-UptimeMilliseconds) -ge $deadline) {
      Stop-Call 'SHARE_COPY_FAILED' ('the task ' + (Get-CopyTaskName $Run) + ' did not start within ' + $copyClaimSeconds.ToString() + ' s') `
        'Look at the Task Scheduler service and its history. Nothing was changed; run again.'
    }
    if ($Account -cne '') { Confirm-CopyTask $Run $Account }
    Wait-Moment 200
  }
}
