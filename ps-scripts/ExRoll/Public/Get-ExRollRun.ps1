function Get-ExRollRun {
  <#
  .SYNOPSIS
  Lists runs, newest first, or says what one run came to.
  .DESCRIPTION
  Without -Run: one object a run with its state and counts. With -Run: that run with an object a server in Servers.
  .PARAMETER Run
  The run's id, its beginning, or a run folder.
  .PARAMETER RunsFolder
  Where the run folders are; else EXROLL_RUNS, else .exroll/runs.
  .EXAMPLE
  Get-ExRollRun

  Lists all runs.
  .EXAMPLE
  (Get-ExRollRun -Run 20261124-21).Servers | Where-Object Outcome -eq failed

  The failed servers of one run.
  .OUTPUTS
  ExRoll.Run
  .LINK
  Resume-ExRoll
  #>
  [CmdletBinding()]
  [OutputType('ExRoll.Run')]
  param(
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = $true)] [string]$Run = '',
    [string]$RunsFolder = ''
  )
  process {
    $runs = Get-ExRollRunsFolder $RunsFolder $PSCmdlet
    if ($Run -eq '') {
      foreach ($one in @(Invoke-ExRollJson @('runs', '--json', '--runs-dir', $runs) @(0) $null $PSCmdlet)) {
        if ($null -ne $one) { $PSCmdlet.WriteObject((New-ExRollObject 'ExRoll.Run' ([ordered]@{
                  Run = $one.run; State = $one.state; Counts = $one.counts; Total = $one.servers; Started = $one.startedAt; Title = $one.title
                }))) }
      }
      return
    }
    $state = Invoke-ExRollJson @('status', $Run, '--json', '--runs-dir', $runs) @(0, 2, 4, 5, 6) $null $PSCmdlet
    $servers = @($state.order | ForEach-Object { ConvertTo-ExRollServerState $state.servers.PSObject.Properties[$_].Value $state.run })
    $finished = Get-ExRollMember $state 'finished'
    $outcome = 'interrupted'
    if ($null -ne (Get-ExRollMember $state 'runner')) { $outcome = 'running' } elseif ($null -ne $finished) { $outcome = $finished.outcome }
    $PSCmdlet.WriteObject((New-ExRollObject 'ExRoll.Run' ([ordered]@{
            Run = $state.run; State = $outcome; Counts = (Get-ExRollMember $finished 'counts'); Total = $servers.Count; Started = $state.startedAt
            Title = $state.title; Folder = $state.folder; Servers = $servers
          })))
  }
}

function ConvertTo-ExRollServerState($Server, [string]$Run) {
  $settings = @($Server.outstanding.PSObject.Properties | ForEach-Object { New-ExRollSetting $_.Value 'changed' })
  $stuck = @($Server.stuck.PSObject.Properties | ForEach-Object { New-ExRollSetting $_.Value 'stuck' })
  return (New-ExRollObject 'ExRoll.ServerResult' ([ordered]@{
        Server = $Server.name; Outcome = $Server.outcome; Cause = $Server.cause; Note = $Server.note; Roles = @($Server.roles); Batch = $Server.batch
        Settings = $settings; Stuck = $stuck; Blocks = @($Server.blocks); Diagnosis = @($Server.diagnoses | ForEach-Object { New-ExRollCause $_ })
        Step = $Server.current; Run = $Run
      }))
}
