# The event logs, through the classic interface: Windows 2003 has no other.
. "$PSScriptRoot\..\windows\Files.ps1"

# Application log, source exroll.
function Write-EventLogEntry([int]$Id, [string]$Level, [string]$Text) {
  if (-not [Diagnostics.EventLog]::SourceExists('exroll')) { [Diagnostics.EventLog]::CreateEventSource('exroll', 'Application') }
  [Diagnostics.EventLog]::WriteEntry('exroll', $Text, [Diagnostics.EventLogEntryType]$Level, $Id)
}

# As wevtutil qe /f:text shows an event.
function Format-Event($Entry, [string]$Log, [int]$Number) {
  return [string]::Join("`r`n", @(
      ('Event[' + $Number.ToString() + ']:'),
      ('  Log Name: ' + $Log),
      ('  Source: ' + $Entry.Source),
      ('  Date: ' + $Entry.TimeGenerated.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ss.fff', [Globalization.CultureInfo]::InvariantCulture)),
      ('  Event ID: ' + ($Entry.InstanceId -band 0xFFFF).ToString()),
      ('  Level: ' + [string]$Entry.EntryType),
      ('  Computer: ' + $Entry.MachineName),
      '  Description: ',
      $Entry.Message,
      ''))
}

# The newest of a log first, as long as they are from that time or later; a log that was written full is cut at 2,000.
function Get-EventSince([string]$Log, [DateTime]$Since) {
  $open = [Activator]::CreateInstance([Diagnostics.EventLog], [object[]]@($Log))
  try {
    $entries = $open.Entries
    for ($i = $entries.Count - 1; $i -ge 0 -and $i -ge $entries.Count - 2000; $i--) {
      $entry = $entries[$i]
      if ($entry.TimeGenerated.ToUniversalTime() -lt $Since) { break }
      $entry
    }
  } finally { $open.Close() }
}

# Writes the Application and System events since then to a file. False, and no file, when there are none.
function Export-EventLog([string]$Path, [DateTime]$Since) {
  $texts = @()
  foreach ($log in @('Application', 'System')) {
    foreach ($entry in @(Get-EventSince $log $Since)) { $texts += Format-Event $entry $log $texts.Length }
  }
  if ($texts.Length -eq 0) { return $false }
  [IO.File]::WriteAllText($Path, [string]::Join("`r`n", $texts), [Text.Encoding]::UTF8)
  return $true
}
