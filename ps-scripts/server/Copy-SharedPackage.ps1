param(
  [string]$Run = '',
  [string]$Name = '',
  [string]$Sha256 = '',
  [string]$Share = '',
  [string]$CopyScript = '',
  [string]$CopySha256 = '',
  [string]$Account = '',
  [string]$AccountPassword = '',
  [long]$WaitSeconds = 0
)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot\..\shared\SharedPackage.ps1"

function Start-CopyTask([string]$Upload) {
  $name = Get-CopyTaskName $Run
  Clear-Copy $Run
  Set-StateFile (Get-CopyRequestFile $Run) ((ConvertTo-Field $Share) + ' ' + (ConvertTo-Field $Upload))
  try {
    if ($Account -ceq '') {
      [void](Register-ScriptTask $Run $name 'copy.ps1' $CopyScript $CopySha256 $false)
      Start-SystemTask $name
    } else {
      $sid = Get-JobAccountSid $Account
      Start-AccountScriptTask $name (Set-TaskScript $Run 'copy.ps1' $CopyScript $CopySha256) $Account $AccountPassword $sid
    }
    Wait-CopyClaim $Run $Account
  } catch {
    # The reason comes first: a scheduler that refused to start the task may refuse this too.
    $reason = $_
    try { Unregister-SystemTask $name } catch { Write-CallProgress 'note' ('the task ' + $name + ' could not be removed: ' + $_.Exception.Message) }
    throw $reason
  }
}

function Get-CopiedBytes([string]$Upload) {
  if (-not [IO.File]::Exists($Upload)) { return [long]0 }
  # The length of the open file: a folder's listing lags behind while somebody writes.
  $stream = [IO.File]::Open($Upload, 'Open', 'Read', 'ReadWrite, Delete')
  try { return [long]$stream.Length } finally { $stream.Close() }
}

# Follows the copy. Null when it goes on after the time.
function Wait-SharedCopy([string]$Upload) {
  $deadline = (Get-UptimeMilliseconds) + 1000 * $WaitSeconds
  $told = [long]0
  while ($true) {
    $state = Get-CopyState $Run
    if ($state -ceq 'ended') { return (Complete-SharedCopy $Run $Share) }
    if ($state -ceq 'none') {
      Stop-Call 'SHARE_COPY_FAILED' ('the task that copied from ' + $Share + ' is gone without a word') 'Look at what ended it. Nothing was changed; run again.'
    }
    $bytes = Get-CopiedBytes $Upload
    if ($bytes -gt $told) { Write-CallProgress 'note' ($bytes.ToString() + ' bytes from ' + $Share) }
    $told = $bytes
    if ((Get-UptimeMilliseconds) -ge $deadline) { return (New-Record 'copied' $false 'bytes' $bytes) }
    Wait-Moment $copyLookMilliseconds
  }
}

Invoke-PrivilegedAnswer 'Copy-SharedPackage' {
  $upload = Get-UploadFile (Get-PackageFile $Name $Sha256)
  if ($Share -notmatch '^\\\\[^\\/:*?"<>|;]+(\\[^\\/:*?"<>|;]+)+\\[^\\/:*?"<>|;]+\z' -or -not $Share.EndsWith('\' + $Name, [StringComparison]::OrdinalIgnoreCase)) {
    Stop-Call 'SHARE_NAME' ('"' + $Share + '" is no path of ' + $Name + ' on a share') ''
  }
  Initialize-RunFolder $Run
  [void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($upload))
  $state = Get-CopyState $Run
  # What it copied has been taken, or was damaged: then it is copied again.
  if ($state -ceq 'ended' -and (Get-CopyEnd $Run)['result'] -eq 0 -and -not [IO.File]::Exists($upload)) { $state = 'none' }
  if ($state -ceq 'none') { Start-CopyTask $upload }
  Wait-SharedCopy $upload
}
