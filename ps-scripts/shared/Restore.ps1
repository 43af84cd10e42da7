# Compare and swap, read back: what the job set goes back, what somebody else set since is left and reported.
. "$PSScriptRoot\..\shared\Service.ps1"

# Accounts whose settings the job changed and whose registry is not mounted, because they are not logged on.
function Get-UnmountedAccount([string]$Run) {
  $seen = @{}
  foreach ($return in @(Get-ReturnChange $Run)) {
    if ($return['stand'] -cne 'unmounted' -or $seen.ContainsKey($return['scope'])) { continue }
    $seen[$return['scope']] = $true
    $return['scope']
  }
}

function Restore-Setting([string]$Run) {
  $problems = @()
  $accounts = @(Get-UnmountedAccount $Run)
  foreach ($sid in $accounts) {
    $problem = Mount-AccountHive $sid
    if ($problem -ne '') { $problems += $problem }
  }
  try { $result = Restore-ReachableSetting $Run } finally {
    # Also of a look before this one, that was cut short.
    foreach ($sid in @(Get-ChangedAccount $Run)) {
      $problem = Dismount-AccountHive $sid
      if ($problem -ne '') { $problems += $problem }
    }
  }
  $result['refusals'] = $problems + @($result['refusals'])
  return $result
}

function Restore-ReachableSetting([string]$Run) {
  $restored = @()
  $settled = @()
  $stuck = @()
  $foreign = @()
  $refusals = @()
  foreach ($return in @(Get-ReturnChange $Run)) {
    $change = New-SettingChange $return['setting'] $return['scope'] $return['from'] $return['to']
    if ($return['stand'] -ceq 'foreign') { $foreign += $change }
    if ($return['stand'] -ceq 'unmounted') { $stuck += $change; continue }
    if ($return['stand'] -cne 'ours') { $settled += $change; continue }
    try { Set-SettingValue $change['setting'] $change['scope'] $change['to'] }
    catch { $refusals += $change['setting'] + ' ' + $change['scope'] + ': ' + $_.Exception.GetBaseException().Message }
    if (Test-SameValue (Get-SettingValue $change['setting'] $change['scope']) $change['to']) { $restored += $change }
    else { $stuck += $change }
  }
  return (New-Record 'restored' $restored 'stuck' $stuck 'foreign' $foreign 'refusals' $refusals 'settled' ($settled + $restored))
}

# The words for what was put back. They come after the values: a setting must not stay off because a journal cannot be written.
function Write-RestoreEntry([string]$Run, [string]$By, $Result) {
  try {
    foreach ($refusal in @($Result['refusals'])) { Add-JournalNote $Run $refusal }
    foreach ($change in @($Result['restored'])) { Add-JournalSetting $Run 'restored' $By $change }
    foreach ($change in @($Result['stuck'])) { Add-JournalSettingOnce $Run 'stuck' $By $change }
    foreach ($change in @($Result['foreign'])) { Add-JournalSettingOnce $Run 'foreign' $By $change }
    foreach ($change in @($Result['settled'])) { Add-Settled $Run $change }
  } catch { Write-JournalFault $Run $_ }
}

# Settings, then start types. The settings need no snapshot and go back before it is read: a damaged one must not keep them.
function Restore-Configuration([string]$Run, [string]$By) {
  $settings = Restore-Setting $Run
  Write-RestoreEntry $Run $By $settings
  $startTypes = Restore-StartType (Get-Snapshot $Run)
  Write-RestoreEntry $Run $By $startTypes
  return (New-Record 'restored' (@($settings['restored']) + @($startTypes['restored'])) `
      'stuck' (@($settings['stuck']) + @($startTypes['stuck'])) `
      'foreign' @($settings['foreign']))
}

# What is still not as it was: the job's settings that have not gone back, and start types.
function Get-Outstanding([string]$Run, $Snapshot) {
  foreach ($return in @(Get-ReturnChange $Run)) {
    if (@('ours', 'unmounted') -contains $return['stand']) { New-SettingChange $return['setting'] $return['scope'] $return['from'] $return['to'] }
  }
  Get-StartTypeDifference $Snapshot
}

# The installer's exit code has its room before the installer starts: a full disk keeps it too.
function Get-ExitFile([string]$Run) { return (Get-RunFile $Run 'job.exit') }

# True when the install came to an end, or never began: then services may be started. After a cut the files are half new.
function Test-InstallEnded([string]$Run) {
  if (-not (Test-JournalEntry $Run '"step":"install","status":"started"')) { return $true }
  if (Test-JournalEntry $Run '"type":"exit","code":') { return $true }
  $text = Get-StateText (Get-ExitFile $Run)
  return ($null -ne $text -and $text -cmatch '^-?\d+ *\z')
}

# The whole restore: settings, start types, services. With $StartServices false the services are only counted.
function Restore-Everything([string]$Run, [string]$By, [bool]$StartServices, [long]$TimeoutSeconds, [bool]$Again) {
  $configuration = Restore-Configuration $Run $By
  $snapshot = Get-Snapshot $Run
  if ($StartServices) { $services = (Start-RecordedService $Run $By $snapshot $TimeoutSeconds $Again $false)['services'] }
  else { $services = Get-ServiceSummary $snapshot }
  try { Add-JournalEntry $Run (New-Record 'type' 'services' 'running' $services['running'] 'expected' $services['expected'] 'down' @($services['down'])) }
  catch { Write-JournalFault $Run $_ }
  $outstanding = @(Get-Outstanding $Run $snapshot)
  $right = ($outstanding.Length -eq 0)
  if ($StartServices -and @($services['down']).Length -gt 0) { $right = $false }
  return (New-Record 'restored' $configuration['restored'] 'stuck' $configuration['stuck'] 'foreign' $configuration['foreign'] 'services' $services 'right' $right)
}
