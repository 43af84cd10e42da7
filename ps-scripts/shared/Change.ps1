# What the job changed, written down before each change, so that whoever comes later can put it back.
#   changed <setting> <scope> <goal> <to>     the job set `to`; `goal` goes back: the former value, or the recommended one
#   left <setting> <scope> <goal> <to>        `goal` is `to`: left as it was set, on purpose (settings.after: recommended)
#   settled <setting> <scope>                 seen to be right after the install, in an account's registry that is not always mounted
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

# Settings of accounts that were seen to be right after the install, by setting and scope.
function Get-Settled([string]$Run) {
  $settled = @{}
  foreach ($line in @(Get-StateLine (Get-RunFile $Run 'changes'))) {
    $fields = $line.Trim().Split(' ')
    if ($fields.Length -eq 3 -and $fields[0] -ceq 'settled') { $settled[(ConvertFrom-Field $fields[1]) + '/' + (ConvertFrom-Field $fields[2])] = $true }
  }
  return $settled
}

# Accounts other than SYSTEM whose settings the job changed.
function Get-ChangedAccount([string]$Run) {
  $seen = @{}
  foreach ($change in (Get-Change $Run).Values) {
    $sid = $change['scope']
    if ($seen.ContainsKey($sid) -or $sid -ceq $systemSid -or -not (Test-AccountScope $sid)) { continue }
    $seen[$sid] = $true
    $sid
  }
}

# SYSTEM's registry is always there, and so is the machine's: they are asked, not remembered.
function Add-Settled([string]$Run, $Change) {
  if (-not (Test-AccountScope $Change['scope']) -or $Change['scope'] -ceq $systemSid) { return }
  if ((Get-Settled $Run).ContainsKey($Change['setting'] + '/' + $Change['scope'])) { return }
  $text = 'settled ' + (ConvertTo-Field $Change['setting']) + ' ' + (ConvertTo-Field $Change['scope'])
  Add-StateLine (Get-RunFile $Run 'changes') { $text }
}

# Where each changed setting stands now: 'former' (nothing to do), 'ours' (goes back), 'foreign' (somebody else's now, left alone),
# 'unmounted' (goes back, once its account's registry can be reached). The change's from and to are those of putting it back.
function Get-ReturnChange([string]$Run) {
  $found = @()
  $settled = Get-Settled $Run
  foreach ($change in (Get-Change $Run).Values) {
    if (-not (Test-ScopeReadable $change['scope'])) {
      $return = New-SettingChange $change['setting'] $change['scope'] $change['to'] $change['goal']
      if ($settled.ContainsKey($change['setting'] + '/' + $change['scope'])) { $return['stand'] = 'former' } else { $return['stand'] = 'unmounted' }
      $found += $return
      continue
    }
    $now = Get-SettingValue $change['setting'] $change['scope']
    $return = New-SettingChange $change['setting'] $change['scope'] $now $change['goal']
    if (Test-SameValue $now $change['goal']) { $return['stand'] = 'former' }
    elseif (Test-SameValue $now $change['to']) { $return['stand'] = 'ours' }
    else { $return['stand'] = 'foreign' }
    $found += $return
  }
  return $found
}
