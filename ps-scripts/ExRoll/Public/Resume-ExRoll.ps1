function Resume-ExRoll {
  <#
  .SYNOPSIS
  Goes on with an interrupted run, from its journal and from what the servers say.
  .DESCRIPTION
  Servers that are done stay done; an install that may have been started is looked for, never started a second time. Objects, errors and progress
  are those of Invoke-ExRoll.
  .PARAMETER Run
  The run's id, its beginning, or a run folder, also one copied from another machine. Default: the newest.
  .PARAMETER RetryFailed
  Takes failed, blocked and unreachable servers again.
  .PARAMETER FromStep
  The step from which each server is gone on with.
  .PARAMETER Credential
  As for Invoke-ExRoll.
  .PARAMETER RunsFolder
  Where the run folders are; else EXROLL_RUNS, else .exroll/runs.
  .EXAMPLE
  Resume-ExRoll

  Goes on with the newest run.
  .EXAMPLE
  Get-ExRollRun | Where-Object State -eq interrupted | Resume-ExRoll -RetryFailed -Confirm:$false

  Goes on with every interrupted run, and tries what failed again.
  .OUTPUTS
  ExRoll.ServerResult
  .LINK
  Invoke-ExRoll
  #>
  [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
  [OutputType('ExRoll.ServerResult')]
  param(
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = $true)] [string]$Run = '',
    [switch]$RetryFailed,
    [string]$FromStep = '',
    [Management.Automation.PSCredential[]]$Credential,
    [string]$RunsFolder = ''
  )
  process {
    $words = @()
    if ($Run -ne '') { $words += $Run }
    if ($RetryFailed) { $words += '--retry-failed' }
    if ($FromStep -ne '') { $words += @('--from-step', $FromStep) }
    $what = $Run
    if ($what -eq '') { $what = 'the newest run' }
    if (-not $PSCmdlet.ShouldProcess($what, 'go on with it')) { return }
    $which = @('status')
    if ($Run -ne '') { $which += $Run }
    $state = Invoke-ExRollJson ($which + @('--json', '--runs-dir', (Get-ExRollRunsFolder $RunsFolder $PSCmdlet))) @(0, 2, 4, 5, 6) $null $PSCmdlet
    Invoke-ExRollRun -Verb 'resume' -Tally (New-ExRollResumedTally $state) -Words $words -RunsFolder $RunsFolder -Credential $Credential -Cmdlet $PSCmdlet
  }
}
