# Runs cases one after the other in this process: each has a server of its own and a list of steps. One line of JSON a step.
$ErrorActionPreference = 'Stop'
$global:ExrollEmit = { param($Line) [void]$global:Lines.Add($Line) }

# The task's own command line runs, but for the exit of its process.
function global:Invoke-Task([string]$Name) {
  $encoded = $global:World.tasks[$Name].Split(' ')[-1]
  $text = [Text.Encoding]::Unicode.GetString([Convert]::FromBase64String($encoded))
  $text = $text.Replace('{exit 87}', '{throw ''the script was changed''}').Replace("`nexit 0", '')
  $former = $global:World.ownId
  $global:World.lastId += 1
  $global:World.ownId = $global:World.lastId
  $global:World.processes[[string]$global:World.ownId] = 'start-' + $global:World.ownId
  try { & ([scriptblock]::Create($text)) }
  finally {
    $global:World.processes.Remove([string]$global:World.ownId)
    $global:World.ownId = $former
  }
}

function Get-WorldState {
  $services = [ordered]@{}
  foreach ($service in $global:World.services) { $services[$service.name] = $service.startType + ' ' + $service.state }
  $journal = @()
  foreach ($file in @([IO.Directory]::GetFiles($global:World.root, 'journal.ndjson', 'AllDirectories'))) {
    $journal += @([IO.File]::ReadAllLines($file) | Where-Object { $_ -ne '' } | ForEach-Object { @{ '#json' = $_ } })
  }
  return [ordered]@{
    registry = $global:World.registry; services = $services; tasks = @($global:World.tasks.Keys); deeds = @($global:World.deeds); events = @($global:World.events)
    journal = $journal; installs = [long]$global:World.installs; calls = [long]$global:World.calls; killed = $global:World.killed; uptime = [long]$global:World.uptime
    files = @([IO.Directory]::GetFiles($global:World.root, '*', 'AllDirectories') | ForEach-Object { $_.Substring($global:World.root.Length + 1) })
    xml = $global:World.xml
    exit = [string](@([IO.Directory]::GetFiles($global:World.root, 'job.exit', 'AllDirectories')) | ForEach-Object { [IO.File]::ReadAllText($_).Trim() })
  }
}

# What stands in a script block is looked up now.
function Get-CallArgument($Step) {
  $arguments = @{}
  if (-not $Step.Contains('args')) { return $arguments }
  foreach ($name in @($Step.args.Keys)) {
    $value = $Step.args[$name]
    if ($value -is [scriptblock]) { $value = & $value }
    $arguments[$name] = $value
  }
  return $arguments
}

function Invoke-StepSafely($Step) {
  $global:Lines = [Collections.ArrayList]::new()
  $problem = ''
  # `break power` comes out here, from however deep.
  :power while ($true) {
    try {
      $arguments = Get-CallArgument $Step
      if ($Step.Contains('call')) { & $global:Scripts[$Step.call] @arguments }
      elseif ($Step.Contains('task')) { if ($global:World.tasks.Contains($Step.task)) { Invoke-Task $Step.task } }
      else { & ([scriptblock]::Create($Step.ps)) }
    } catch { $problem = [string]$_ + ' at ' + $_.InvocationInfo.PositionMessage + $_.ScriptStackTrace }
    break
  }
  foreach ($id in @($global:World.processes.Keys)) { if ($id -ne '3000') { $global:World.processes.Remove($id) } }
  $global:World.ownId = 3000
  $result = [ordered]@{ problem = $problem; lines = @($global:Lines | ForEach-Object { @{ '#json' = $_ } }); world = (Get-WorldState) }
  # As it is now: the next step goes on with the same world.
  return @{ '#json' = (ConvertTo-JsonText $result) }
}

# The scripts as one variant has them; cases of a variant follow each other.
function Use-Variant($Variant) {
  $global:Scripts = @{}
  foreach ($name in $Variant.scripts.Keys) { $global:Scripts[$name] = [scriptblock]::Create($Variant.scripts[$name]) }
  $global:GuardText = $Variant.guard.text
  $global:GuardSha256 = $Variant.guard.sha256
  $global:JobText = $Variant.job.text
  $global:JobSha256 = $Variant.job.sha256
  $global:CopyText = $Variant.copy.text
  $global:CopySha256 = $Variant.copy.sha256
}

$current = -1
foreach ($case in $cases) {
  if ($case.variant -ne $current) { $current = $case.variant; Use-Variant $variants[$current] }
  $global:World = $case.world
  $results = @(foreach ($step in $case.steps) { Invoke-StepSafely $step })
  [Console]::Out.WriteLine((ConvertTo-JsonText $results))
}
