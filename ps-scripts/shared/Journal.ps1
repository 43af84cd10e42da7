# The server's journal of a run: one JSON object a line, numbered, on disk before the act it tells of.
. "$PSScriptRoot\..\shared\State.ps1"

function Get-UtcNow { return (Get-SystemTime).ToString('yyyy-MM-ddTHH:mm:ss.fffZ', [Globalization.CultureInfo]::InvariantCulture) }

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

# For whoever looks into the Application log after a bad night. A log that cannot be written holds nothing up.
function Write-RunEvent([string]$Run, [long]$Id, [string]$Level, [string]$Text) {
  try { Write-EventLogEntry $Id $Level ('Run ' + $Run + ': ' + $Text) }
  catch { Add-JournalNote $Run ('no entry in the Application log: ' + $_.Exception.GetBaseException().Message) }
}

# What is said while something else is already wrong (a full disk): where it still can be, and it holds nothing up.
function Write-Fault([string]$Run, [long]$Id, [string]$What, $Problem) {
  $text = 'Run ' + $Run + ': ' + $What + ': ' + $Problem.Exception.GetBaseException().Message
  try { Write-EventLogEntry $Id 'Error' $text } catch { [Console]::Error.WriteLine($text) }
}

function Write-JournalFault([string]$Run, $Problem) { Write-Fault $Run 8 'the journal cannot be written' $Problem }

function Get-ValueWord($Value) {
  if ($null -eq $Value) { return 'absent' }
  if ($Value -is [long]) { return '0x' + $Value.ToString('x') }
  return [string]$Value
}

# What each kind of change is in the Application log: its event id, its level, and the words.
$settingEvents = @{
  'changed' = @(11, 'Information', 'set for the install')
  'restored' = @(12, 'Information', 'put back')
  'stuck' = @(13, 'Error', 'could not be put back')
  'foreign' = @(14, 'Warning', 'left alone, because somebody else set it since')
}

# One setting's change in the journal and in the Application log.
function Add-JournalSetting([string]$Run, [string]$Change, [string]$By, $Setting) {
  Add-JournalEntry $Run (New-Record 'type' 'setting' 'change' $Change 'by' $By `
      'setting' $Setting['setting'] 'scope' $Setting['scope'] 'from' $Setting['from'] 'to' $Setting['to'])
  $known = $settingEvents[$Change]
  $values = (Get-ValueWord $Setting['from']) + ' -> ' + (Get-ValueWord $Setting['to'])
  Write-RunEvent $Run $known[0] $known[1] ($Setting['setting'] + ' ' + $Setting['scope'] + ' ' + $known[2] + ' by the ' + $By + ': ' + $values)
}

# Stuck and foreign are said once, however often the guard looks.
function Add-JournalSettingOnce([string]$Run, [string]$Change, [string]$By, $Setting) {
  $like = New-Record 'change' $Change 'by' $By 'setting' $Setting['setting'] 'scope' $Setting['scope']
  if ($Change -ceq 'foreign') { $like['from'] = $Setting['from'] }
  # Its members stand beside each other in an entry, and more come after them.
  $text = (ConvertTo-JsonText $like).Trim('{', '}') + ','
  if (-not (Test-JournalEntry $Run $text)) { Add-JournalSetting $Run $Change $By $Setting }
}
