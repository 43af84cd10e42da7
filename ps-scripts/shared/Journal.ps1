# The server's journal of a run: one JSON object a line, numbered, on disk before the act it tells of.
. "$PSScriptRoot\..\shared\State.ps1"

function Get-UtcNow { return [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ss.fffZ', [Globalization.CultureInfo]::InvariantCulture) }

function Get-LineNumber([string]$Line) {
  if ($Line -cmatch '^\{"seq":(\d+),.*\}\r?$') { return [long]$matches[1] }
  return [long]0
}

# Appends an entry; `seq` and `at` are put in front.
function Add-JournalEntry([string]$Run, $Entry) {
  $body = (ConvertTo-JsonText $Entry).Substring(1)
  Add-StateLine (Get-RunFile $Run 'journal.ndjson') {
    param($Before)
    $last = [long]0
    foreach ($line in $Before.Split([char]10)) {
      $number = Get-LineNumber $line
      if ($number -gt $last) { $last = $number }
    }
    '{"seq":' + ($last + 1).ToString() + ',"at":"' + (Get-UtcNow) + '",' + $body
  }
}

# The whole lines after a number, as they stand.
function Get-JournalLine([string]$Run, [long]$AfterSeq) {
  return @(Get-StateLine (Get-RunFile $Run 'journal.ndjson') | Where-Object { (Get-LineNumber $_) -gt $AfterSeq })
}

# True when the journal has a whole entry with this text in it; quotes inside values are escaped, so keys cannot be mistaken.
function Test-JournalEntry([string]$Run, [string]$Text) {
  foreach ($line in @(Get-JournalLine $Run 0)) { if ($line.Contains($Text)) { return $true } }
  return $false
}

function Add-JournalNote([string]$Run, [string]$Text) { Add-JournalEntry $Run (New-Record 'type' 'note' 'text' $Text) }

function Add-JournalSetting([string]$Run, [string]$Change, [string]$By, $Setting) {
  Add-JournalEntry $Run (New-Record 'type' 'setting' 'change' $Change 'by' $By 'setting' $Setting['setting'] 'scope' $Setting['scope'] 'from' $Setting['from'] 'to' $Setting['to'])
}
