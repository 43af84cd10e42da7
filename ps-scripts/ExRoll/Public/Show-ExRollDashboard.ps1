function Show-ExRollDashboard {
  <#
  .SYNOPSIS
  Shows the live dashboard of a run, or replays a finished one.
  .DESCRIPTION
  Needs a real terminal. It only looks, unless -Control is given; closing it leaves the run untouched.
  .PARAMETER Run
  The run's id, its beginning, or a run folder. Default: the newest.
  .PARAMETER Speed
  How many times faster than it happened a finished run is replayed.
  .PARAMETER Control
  Lets the keys act on a living run: pause, abort, retry, skip, restore.
  .PARAMETER RunsFolder
  Where the run folders are; else EXROLL_RUNS, else .exroll/runs.
  .EXAMPLE
  Show-ExRollDashboard

  The newest run.
  .EXAMPLE
  Show-ExRollDashboard -Run 20261124-21 -Speed 20

  Replays a finished run, twenty times faster.
  .OUTPUTS
  None
  .LINK
  Get-ExRollRun
  #>
  [CmdletBinding()]
  [OutputType([void])]
  param(
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = $true)] [string]$Run = '',
    [double]$Speed = 0,
    [switch]$Control,
    [string]$RunsFolder = ''
  )
  process {
    $program = Get-ExRollProgram
    $words = @($program.Cli, 'watch')
    if ($Run -ne '') { $words += $Run }
    if ($Speed -gt 0) { $words += @('--speed', $Speed.ToString([Globalization.CultureInfo]::InvariantCulture)) }
    if ($Control) { $words += '--control' }
    $words += @('--runs-dir', (Get-ExRollRunsFolder $RunsFolder $PSCmdlet))
    # The terminal itself, not pipes: a native command of PowerShell has it.
    & $program.Node @words
  }
}
