# Events of a run as PowerShell's streams: one object a server, progress, verbose log lines, one error a failed server.

# What is known of a run while its events come.
function New-ExRollTally { return @{ Run = ''; Title = ''; DryRun = $false; Total = 0; Ended = 0; Servers = @{} } }

# A run that goes on tells only what is new: what is known of it stands in its folder.
function New-ExRollResumedTally($State) {
  $tally = New-ExRollTally
  $tally.Run = $State.run
  $tally.Title = [string](Get-ExRollMember $State 'title')
  $tally.Total = @($State.order).Count
  foreach ($name in @($State.order)) {
    $server = $State.servers.PSObject.Properties[$name].Value
    $tallied = Get-ExRollTallied $tally $name
    $tallied.Roles = @($server.roles)
    $tallied.Batch = $server.batch
    if (@('changed', 'ok') -contains $server.outcome) { $tally.Ended++ }
  }
  return $tally
}

function Get-ExRollTallied($Tally, [string]$Name) {
  if (-not $Tally.Servers.ContainsKey($Name)) {
    $Tally.Servers[$Name] = @{ Roles = @(); Batch = 0; Step = ''; Settings = @(); Stuck = @(); Blocks = @(); Diagnoses = @(); Error = $null; Plan = @() }
  }
  return $Tally.Servers[$Name]
}

function Write-ExRollEvent($RunEvent, $Tally, [string]$RunFolder, $Cmdlet) {
  $name = Get-ExRollMember $RunEvent 'server'
  $server = $null
  if ($null -ne $name) { $server = Get-ExRollTallied $Tally $name }
  switch -CaseSensitive ($RunEvent.type) {
    'run.started' {
      $Tally.Run = $RunEvent.run
      $Tally.DryRun = $RunEvent.dryRun
      $Tally.Title = [string](Get-ExRollMember $RunEvent 'title')
      $Tally.Total = @($RunEvent.servers).Count
      foreach ($one in @($RunEvent.servers)) {
        $tallied = Get-ExRollTallied $Tally $one.name
        $tallied.Roles = @($one.roles)
        $tallied.Batch = $one.batch
      }
    }
    'step.started' {
      $server.Step = $RunEvent.step
      Write-ExRollProgress $Tally $name $RunEvent.step '' $Cmdlet
    }
    'step.progress' {
      if ($Tally.DryRun) { $server.Plan += (New-ExRollObject 'ExRoll.PlannedStep' ([ordered]@{ Step = $RunEvent.step; Text = $RunEvent.note })) }
      $Cmdlet.WriteVerbose(($name + ' ' + $RunEvent.step + ': ' + $RunEvent.note))
      Write-ExRollProgress $Tally $name $RunEvent.step $RunEvent.note $Cmdlet
    }
    'step.finished' {
      $failure = Get-ExRollMember $RunEvent 'error'
      if ($null -ne $failure) { $server.Error = $failure }
      $Cmdlet.WriteVerbose(($name + ' ' + $RunEvent.step + ' ' + $RunEvent.outcome))
    }
    'log.line' { $Cmdlet.WriteVerbose(($name + ' ' + $RunEvent.log + ':' + $RunEvent.line + ' ' + $RunEvent.text)) }
    'setting.predicted' { $server.Settings += (New-ExRollSetting $RunEvent 'predicted') }
    'setting.changed' { $server.Settings += (New-ExRollSetting $RunEvent 'changed') }
    'setting.restored' { $server.Settings += (New-ExRollSetting $RunEvent 'restored') }
    'setting.stuck' {
      $server.Stuck += (New-ExRollSetting $RunEvent 'stuck')
      $text = $name + ': ' + $RunEvent.setting + ' ' + $RunEvent.scope + ' could not be put back'
      Write-ExRollError (New-ExRollError 'SettingStuck' 'SecurityError' $server.Stuck[-1] ($text + '. exroll restore (Restore-ExRollSetting) tries again.')) $Cmdlet
    }
    'precheck.blocked' { if (-not $RunEvent.allowed) { $server.Blocks += $RunEvent } }
    'diagnosis.made' { $server.Diagnoses += (New-ExRollCause $RunEvent) }
    'server.finished' {
      $Tally.Ended++
      Write-ExRollServer $RunEvent $server $Tally $RunFolder $Cmdlet
    }
    'run.finished' {
      $Cmdlet.WriteVerbose(('run finished: ' + $RunEvent.outcome))
      # In a script that goes on, the bar would stay.
      $done = [Management.Automation.ProgressRecord]::new(1, 'exroll', 'done')
      $done.RecordType = 'Completed'
      $Cmdlet.WriteProgress($done)
    }
  }
}

function Write-ExRollProgress($Tally, [string]$Name, [string]$Step, [string]$Note, $Cmdlet) {
  $activity = $Tally.Title
  if ($activity -eq '') { $activity = 'exroll' }
  $operation = ($Name + ' ' + $Step + ' ' + $Note).Trim()
  # PowerShell 7 shows the status only, Windows PowerShell the operation below it.
  $status = $Tally.Ended.ToString() + ' of ' + $Tally.Total.ToString() + ' servers'
  if ($PSVersionTable.PSVersion.Major -ge 7) { $status += ', ' + $operation }
  $record = [Management.Automation.ProgressRecord]::new(1, $activity, $status)
  $record.CurrentOperation = $operation
  if ($Tally.Total -gt 0) { $record.PercentComplete = [Math]::Min(100, [int](100 * $Tally.Ended / $Tally.Total)) }
  $Cmdlet.WriteProgress($record)
}

function New-ExRollSetting($RunEvent, [string]$Change) {
  return (New-ExRollObject 'ExRoll.SettingChange' ([ordered]@{ Setting = $RunEvent.setting; Scope = $RunEvent.scope; From = $RunEvent.from; To = $RunEvent.to; Change = $Change }))
}

function New-ExRollCause($Made) {
  return (New-ExRollObject 'ExRoll.Cause' ([ordered]@{
        Id = $Made.id; Confidence = $Made.confidence; Title = $Made.title; Evidence = @($Made.evidence); Remedy = @($Made.remedy); Fix = (Get-ExRollMember $Made 'fix')
      }))
}

# One object a server; one that needs somebody is an error as well, which the others do not wait for.
function Write-ExRollServer($RunEvent, $Server, $Tally, [string]$RunFolder, $Cmdlet) {
  $members = [ordered]@{
    Server = $RunEvent.server; Outcome = $RunEvent.outcome; Cause = (Get-ExRollMember $RunEvent 'cause'); Note = (Get-ExRollMember $RunEvent 'note')
    Roles = $Server.Roles; Batch = $Server.Batch; Settings = $Server.Settings; Stuck = $Server.Stuck; Blocks = $Server.Blocks
    Diagnosis = $Server.Diagnoses; Error = $Server.Error; Run = $Tally.Run
  }
  $typeName = 'ExRoll.ServerResult'
  if ($Tally.DryRun) {
    $typeName = 'ExRoll.ServerPlan'
    $members['Plan'] = $Server.Plan
  } else { $members['LogFolder'] = [IO.Path]::Combine($RunFolder, $Tally.Run, 'servers', $RunEvent.server) }
  $result = New-ExRollObject $typeName $members
  $Cmdlet.WriteObject($result)
  $categories = @{ failed = 'OperationStopped'; blocked = 'PermissionDenied'; unreachable = 'ConnectionError'; unknown = 'NotSpecified' }
  if (-not $categories.ContainsKey($RunEvent.outcome)) { return }
  $id = [string]$result.Cause
  if ($id -eq '') { $id = $RunEvent.outcome }
  Write-ExRollError (New-ExRollError $id $categories[$RunEvent.outcome] $result (Get-ExRollServerText $result)) $Cmdlet
}

function Get-ExRollServerText($Result) {
  $text = $Result.Server + ': ' + $Result.Outcome
  if ([string]$Result.Cause -ne '') { $text += ', ' + $Result.Cause }
  if (@($Result.Diagnosis).Count -gt 0) {
    $best = @($Result.Diagnosis)[0]
    return ($text + '. ' + $best.Title + '. ' + [string]::Join(' ', [string[]]@($best.Remedy)))
  }
  if (@($Result.Blocks).Count -gt 0) { return ($text + '. ' + $Result.Blocks[0].message + '. ' + $Result.Blocks[0].remedy) }
  if ($null -ne $Result.Error) { return ($text + '. ' + $Result.Error.message + ' ' + [string](Get-ExRollMember $Result.Error 'hint')) }
  return ($text + '.')
}
