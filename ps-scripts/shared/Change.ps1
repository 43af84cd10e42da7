# What the job changed, written down before each change, so that whoever comes later can put it back.
#   changed <setting> <scope> <from> <to>     the job set `to`; `from` goes back
#   left <setting> <scope> <from> <to>        left at `to` on purpose (settings.after: recommended)
. "$PSScriptRoot\..\shared\Setting.ps1"
. "$PSScriptRoot\..\shared\Journal.ps1"

function Add-Change([string]$Run, [string]$Kind, $Change) {
  $fields = @($Kind) + @('setting', 'scope', 'from', 'to' | ForEach-Object { ConvertTo-Field $Change[$_] })
  $text = [string]::Join(' ', $fields)
  Add-StateLine (Get-RunFile $Run 'changes') { $text }
}

# One change a setting and scope: `from` as it was first, `to` as it was set last. A line cut by a crash came before no change.
function Get-Change([string]$Run) {
  $changes = New-Record
  foreach ($line in @(Get-StateLine (Get-RunFile $Run 'changes'))) {
    $fields = $line.Trim().Split(' ')
    if ($fields.Length -ne 5) { continue }
    $change = New-SettingChange (ConvertFrom-Field $fields[1]) (ConvertFrom-Field $fields[2]) (ConvertFrom-Field $fields[3]) (ConvertFrom-Field $fields[4])
    $key = $change['setting'] + '/' + $change['scope']
    $change['left'] = ($fields[0] -ceq 'left')
    if ($changes.Contains($key)) { $change['from'] = $changes[$key]['from'] }
    $changes[$key] = $change
  }
  return $changes
}

# Writes a change down, makes it, reads it back. Returns true when the value is there.
function Set-RecordedValue([string]$Run, [string]$Kind, $Change) {
  Add-Change $Run $Kind $Change
  Add-JournalSetting $Run 'changed' 'job' $Change
  Set-SettingValue $Change['setting'] $Change['scope'] $Change['to']
  return (Test-SameValue (Get-SettingValue $Change['setting'] $Change['scope']) $Change['to'])
}

# Where each changed setting stands now: 'former' (nothing to do), 'ours' (goes back), 'foreign' (somebody else's now).
# The change's from and to are those of putting it back.
function Get-ReturnChange([string]$Run) {
  $found = @()
  foreach ($change in (Get-Change $Run).Values) {
    $target = $change['from']
    if ($change['left']) { $target = $change['to'] }
    $now = Get-SettingValue $change['setting'] $change['scope']
    $return = New-SettingChange $change['setting'] $change['scope'] $now $target
    if (Test-SameValue $now $target) { $return['stand'] = 'former' }
    elseif (Test-SameValue $now $change['to']) { $return['stand'] = 'ours' }
    else { $return['stand'] = 'foreign' }
    $found += $return
  }
  return $found
}
