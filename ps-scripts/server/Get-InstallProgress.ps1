param(
  [string]$Run = '',
  [long]$AfterSeq = 0,
  [long]$LogOffset = 0,
  [long]$LogLine = 0,
  [long]$WaitSeconds = 0
)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot\..\shared\Guard.ps1"
. "$PSScriptRoot\..\shared\LogTail.ps1"

$lookEveryMilliseconds = 500

function Get-Entry([long]$After) {
  foreach ($line in @(Get-JournalLine $Run $After)) { New-Record '#json' $line.TrimEnd([char]13) 'seq' (Get-LineNumber $line) }
}

# What a look writes down helps later looks; a full disk must not end this one.
function Invoke-Aside([string]$What, [scriptblock]$Act) {
  try { & $Act } catch {
    Write-CallProgress 'note' ($What + ': ' + $_.Exception.GetBaseException().Message)
    return [long]0
  }
}

function Get-LogFact {
  $path = Get-LogPath $Run
  $bytes = Get-LogBytes $path
  if ($bytes -lt 0) { return $null }
  $log = Read-LogTail $path $LogOffset $LogLine
  $log['quietMs'] = Invoke-Aside 'how long the log has been quiet is not known' { Get-LogQuiet $Run $log['bytes'] }
  return $log
}

Invoke-Answer {
  [void](Invoke-Aside 'the lease could not be renewed' { Update-Lease $Run })
  $deadline = (Get-UptimeMilliseconds) + 1000 * $WaitSeconds
  $told = $AfterSeq
  while ($true) {
    # The state first: an entry that comes after it is told by the next look.
    $job = Get-JobState $Run
    foreach ($entry in @(Get-Entry $told)) {
      $told = $entry['seq']
      Write-CallProgress 'entry' $entry
    }
    if ($job -cne 'running' -or (Get-UptimeMilliseconds) -ge $deadline) { break }
    Wait-Moment $lookEveryMilliseconds
  }
  New-Record 'entries' @(Get-Entry $AfterSeq) `
    'job' $job `
    'installerActive' ([bool](Invoke-Aside 'whether Windows Installer is at work is not known' { Test-InstallerActive $Run })) `
    'guard' (Get-GuardState $Run) `
    'uptimeMs' (Get-UptimeMilliseconds) `
    'log' (Get-LogFact)
}
