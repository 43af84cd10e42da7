# What the job changed, written down before each change, so that whoever comes later can put it back.
#   changed <setting> <scope> <goal> <to>     the job set `to`; `goal` goes back: the former value, or the recommended one
#   left <setting> <scope> <goal> <to>        `goal` is `to`: left as it was set, on purpose (settings.after: recommended)
. "$PSScriptRoot\..\shared\Setting.ps1"
. "$PSScriptRoot\..\shared\Journal.ps1"

function Add-Change([string]$Run, $Change, $Goal) {
  $kind = 'changed'
  if (Test-SameValue $Goal $Change['to']) { $kind = 'left' }
  $values = @($Change['setting'], $Change['scope'], $Goal, $Change['to'])
  $fields = @($kind) + @($values | ForEach-Object { ConvertTo-Field $_ })
  $text = [string]::Join(' ', $fields)
  Add-StateLine (Get-RunFile $Run 'changes') { $text }
}

# One change a setting and scope: the goal as it was first, `to` as it was set last. A line cut by a crash came before no change.
function Get-Change([string]$Run) {
  $changes = New-Record
  foreach ($line in @(Get-StateLine (Get-RunFile $Run 'changes'))) {
    $fields = $line.Trim().Split(' ')
    if ($fields.Length -ne 5 -or @('changed', 'left') -cnotcontains $fields[0]) { continue }
    $change = New-Record 'setting' (ConvertFrom-Field $fields[1]) `
      'scope' (ConvertFrom-Field $fields[2]) `
      'goal' (ConvertFrom-Field $fields[3]) `
      'to' (ConvertFrom-Field $fields[4])
    $key = $change['setting'] + '/' + $change['scope']
    if ($changes.Contains($key)) { $change['goal'] = $changes[$key]['goal'] }
    $changes[$key] = $change
  }
  return $changes
}

# Writes a change down, makes it, reads it back. Returns true when the value is there.
function Set-RecordedValue([string]$Run, $Change, $Goal) {
  Add-Change $Run $Change $Goal
  Add-JournalSetting $Run 'changed' 'job' $Change
  Set-SettingValue $Change['setting'] $Change['scope'] $Change['to']
  return (Test-SameValue (Get-SettingValue $Change['setting'] $Change['scope']) $Change['to'])
}

# Where each changed setting stands now: 'former' (nothing to do), 'ours' (goes back), 'foreign' (somebody else's now, left alone).
# The change's from and to are those of putting it back.
function Get-ReturnChange([string]$Run) {
  $found = @()
  foreach ($change in (Get-Change $Run).Values) {
    $now = Get-SettingValue $change['setting'] $change['scope']
    $return = New-SettingChange $change['setting'] $change['scope'] $now $change['goal']
    if (Test-SameValue $now $change['goal']) { $return['stand'] = 'former' }
    elseif (Test-SameValue $now $change['to']) { $return['stand'] = 'ours' }
    else { $return['stand'] = 'foreign' }
    $found += $return
  }
  return $found
}
