# The guard's state machine and what it looks at (faults.md, "The guard, as a state machine").
. "$PSScriptRoot\..\shared\Restore.ps1"
. "$PSScriptRoot\..\shared\Task.ps1"

# How long the log may be quiet while InProgress still counts as a running transaction.
$grewLatelyMilliseconds = 600000
# How long the guard waits for services in one look; what is still down is tried again at the next.
$guardServiceSeconds = 600

# The lease: boot, uptime in milliseconds at its renewal, minutes it holds.
function Set-Lease([string]$Run, [long]$Minutes) {
  Set-StateFile (Get-RunFile $Run 'lease') ([string]::Join(' ', @((Get-BootId), (Get-UptimeMilliseconds).ToString(), $Minutes.ToString())))
}

# Renews for as long as it held before. With no guard armed there is nobody to hold off, and a look must not write.
function Update-Lease([string]$Run) {
  if ((Get-ArmedRun) -ceq $Run) { Set-Lease $Run (Get-LeaseMinutes $Run) }
}

function Get-LeaseMinutes([string]$Run) {
  $text = Get-StateText (Get-RunFile $Run 'lease')
  if ($null -ne $text -and $text -cmatch ' (\d+)\s*$') { return [long]$matches[1] }
  return [long]10
}

# Somebody follows. After a restart the time since it counts: whoever followed needs that long to come back.
function Test-Lease([string]$Run) {
  $text = Get-StateText (Get-RunFile $Run 'lease')
  if ($null -eq $text) { return $false }
  $fields = $text.Trim().Split(' ')
  if ($fields.Length -ne 3) { return $false }
  $since = Get-UptimeMilliseconds
  if ($fields[0] -ceq (Get-BootId)) { $since = $since - [long]$fields[1] }
  return ($since -lt 60000 * [long]$fields[2])
}

# Process id and start of the job, kept when it took the run: `<boot> <id> <start>`. Null when it never did.
function Get-Claim([string]$Run) {
  $text = Get-StateText (Get-RunFile $Run 'job.claim')
  if ($null -eq $text) { return $null }
  $fields = $text.Trim().Split(' ')
  return (New-Record 'boot' $fields[0] 'id' ([int]$fields[1]) 'start' $fields[2])
}

# none: never started. running: its process lives. ended: it said so. lost: started, no process, no end.
function Get-JobState([string]$Run) {
  $claim = Get-Claim $Run
  if ($null -eq $claim) { return 'none' }
  if (Test-JournalEntry $Run '"type":"ended","exitCode":') { return 'ended' }
  if ($claim['boot'] -ceq (Get-BootId) -and (Get-ProcessStart $claim['id']) -ceq $claim['start']) { return 'running' }
  if (Test-JournalEntry $Run '"type":"ended","exitCode":') { return 'ended' }
  return 'lost'
}

function Get-LogPath([string]$Run) {
  $name = Get-StateText (Get-RunFile $Run 'job.log-name')
  if ($null -eq $name) { return $null }
  return (Get-RunFile $Run $name.Trim())
}

function Get-LogBytes([string]$Path) {
  if ($null -eq $Path -or -not [IO.File]::Exists($Path)) { return [long]-1 }
  # The length of the open file: a folder's listing lags behind while somebody writes.
  $stream = [IO.File]::Open($Path, 'Open', 'Read', 'ReadWrite, Delete')
  try { return [long]$stream.Length } finally { $stream.Close() }
}

# Milliseconds since the log was last seen to grow, remembered between looks: `<boot> <bytes> <uptime>`. The file's own time will not
# do: NTFS brings it up to date only when the writer closes. Without a guard to hold off nothing is written down.
function Get-LogQuiet([string]$Run, [long]$Bytes) {
  $path = Get-RunFile $Run 'log.seen'
  $text = Get-StateText $path
  $now = Get-UptimeMilliseconds
  if ($null -ne $text) {
    $fields = $text.Trim().Split(' ')
    if ($fields.Length -eq 3 -and $fields[0] -ceq (Get-BootId) -and [long]$fields[1] -eq $Bytes) { return ($now - [long]$fields[2]) }
  }
  if ((Get-ArmedRun) -ceq $Run) { Set-StateFile $path ([string]::Join(' ', @((Get-BootId), $Bytes.ToString(), $now.ToString()))) }
  return [long]0
}

# A Windows Installer transaction goes on: its mutex is held, or InProgress is there and this run's log grew lately.
function Test-InstallerActive([string]$Run) {
  if (Test-InstallerMutex) { return $true }
  if (-not (Test-InstallerInProgress)) { return $false }
  $bytes = Get-LogBytes (Get-LogPath $Run)
  if ($bytes -lt 0) { return $false }
  return ((Get-LogQuiet $Run $bytes) -lt $grewLatelyMilliseconds)
}

# Takes tasks and marker away. Last, and only when all is right. The guard's task goes after the marker: cut in between, it finds itself
# disarmed at its next look and goes too.
function Disable-Guard([string]$Run) {
  if ((Get-ArmedRun) -cne $Run) { return }
  Add-JournalEntry $Run (New-Record 'type' 'guard' 'action' 'disarmed')
  Write-RunEvent $Run 4 'Information' 'the guard is disarmed'
  # With a task of a named account the password goes that the scheduler kept for it.
  foreach ($name in @((Get-JobTaskName $Run), (Get-AccountTaskName $Run), (Get-CopyTaskName $Run))) { Unregister-SystemTask $name }
  [IO.File]::Delete((Get-ArmedFile))
  Unregister-SystemTask (Get-GuardTaskName $Run)
}

# One look, in the order of faults.md: job, installer, lease, else restore, read back, disarm.
function Invoke-GuardLook([string]$Run) {
  if ((Get-ArmedRun) -cne $Run) {
    if (Test-JournalEntry $Run '"type":"guard","action":"disarmed"') { Unregister-SystemTask (Get-GuardTaskName $Run) }
    return
  }
  if ((Get-BusyReason $Run) -ne '' -or (Test-Lease $Run)) { return }
  $restored = Restore-Everything $Run 'guard' (Test-InstallEnded $Run) $guardServiceSeconds $false
  Add-GuardEntry $Run $restored
  if ($restored['right']) { Disable-Guard $Run }
}

# What a look came to; the same is said once.
function Add-GuardEntry([string]$Run, $Restored) {
  $action = 'stuck'
  if ($Restored['right']) { $action = 'restored' }
  $count = @($Restored['restored']).Length
  if ((Test-JournalEntry $Run ('"type":"guard","action":"' + $action + '"')) -and $count -eq 0) { return }
  Add-JournalEntry $Run (New-Record 'type' 'guard' 'action' $action)
  if ($Restored['right']) {
    Write-RunEvent $Run 1 'Information' ('the guard found this server as it was before, or put it back (' + $count.ToString() + ' changes).')
    return
  }
  $left = @(@($Restored['stuck']) | ForEach-Object { $_['setting'] + ' ' + $_['scope'] })
  if ($left.Length -eq 0) { $left = @('services') }
  Write-RunEvent $Run 2 'Warning' ('not everything is as before; could not be put back: ' + [string]::Join(', ', [string[]]$left) + '.')
}

function Get-GuardState([string]$Run) {
  if ((Get-ArmedRun) -ceq $Run) { return 'armed' }
  if (Test-JournalEntry $Run '"type":"guard","action":"armed"') { return 'disarmed' }
  return 'none'
}

# Why nothing may be restored now, or '' when it may.
function Get-BusyReason([string]$Run) {
  $armed = Get-ArmedRun
  if ($null -ne $armed -and $armed -cne $Run) { return ('run ' + $armed + ' has its guard armed on this server') }
  if ((Get-JobState $Run) -ceq 'running') { return 'its job still runs' }
  if (Test-InstallerActive $Run) { return 'Windows Installer is at work' }
  return ''
}
