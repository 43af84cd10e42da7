# Compare and swap, read back: what the job set goes back, what somebody else set since is left and reported.
. "$PSScriptRoot\..\shared\Service.ps1"

function Restore-Setting([string]$Run, [string]$By) {
  $restored = @()
  $stuck = @()
  $foreign = @()
  foreach ($return in @(Get-ReturnChange $Run)) {
    $change = New-SettingChange $return['setting'] $return['scope'] $return['from'] $return['to']
    if ($return['stand'] -ceq 'foreign') {
      $foreign += $change
      Add-JournalSetting $Run 'foreign' $By $change
    }
    if ($return['stand'] -cne 'ours') { continue }
    try { Set-SettingValue $change['setting'] $change['scope'] $change['to'] } catch { Add-JournalNote $Run ($change['setting'] + ' ' + $change['scope'] + ': ' + $_.Exception.GetBaseException().Message) }
    if (Test-SameValue (Get-SettingValue $change['setting'] $change['scope']) $change['to']) {
      $restored += $change
      Add-JournalSetting $Run 'restored' $By $change
    } else {
      $stuck += $change
      Add-Stuck $Run $By $change
    }
  }
  return (New-Record 'restored' $restored 'stuck' $stuck 'foreign' $foreign)
}

# What is still not as it was: the job's settings that have not gone back, and start types.
function Get-Outstanding([string]$Run, $Snapshot) {
  foreach ($return in @(Get-ReturnChange $Run)) {
    if ($return['stand'] -ceq 'ours') { New-SettingChange $return['setting'] $return['scope'] $return['from'] $return['to'] }
  }
  Get-StartTypeDifference $Snapshot
}

# True when the install came to an end, or never began: then services may be started. After a cut the files are half new.
function Test-InstallEnded([string]$Run) {
  if (-not (Test-JournalEntry $Run '"step":"install","status":"started"')) { return $true }
  return (Test-JournalEntry $Run '"type":"exit","code":')
}

# The whole restore: settings, start types, services. With $StartServices false they are only counted.
function Restore-Everything([string]$Run, [string]$By, [bool]$StartServices, [long]$TimeoutSeconds, [bool]$Again) {
  $snapshot = Get-Snapshot $Run
  $settings = Restore-Setting $Run $By
  $startTypes = Restore-StartType $Run $By $snapshot
  if ($StartServices) { $services = (Start-RecordedService $snapshot $TimeoutSeconds $Again $false)['services'] }
  else { $services = Get-ServiceSummary $snapshot }
  Add-JournalEntry $Run (New-Record 'type' 'services' 'running' $services['running'] 'expected' $services['expected'] 'down' @($services['down']))
  $outstanding = @(Get-Outstanding $Run $snapshot)
  $right = ($outstanding.Length -eq 0)
  if ($StartServices -and @($services['down']).Length -gt 0) { $right = $false }
  return (New-Record 'restored' (@($settings['restored']) + @($startTypes['restored'])) 'stuck' (@($settings['stuck']) + @($startTypes['stuck'])) `
      'foreign' @($settings['foreign']) 'services' $services 'right' $right)
}
