function Invoke-ExRoll {
  <#
  .SYNOPSIS
  Carries a playbook out over a fleet of Exchange servers.
  .DESCRIPTION
  Goes over the servers of an inventory in batches, as the playbook says, and gives one object a server when it has ended. A server that failed, was
  blocked or could not be reached is an error as well (not a terminating one), with its cause as the error's id and its object as the target.
  Progress goes to Write-Progress, notes and log lines to the verbose stream, exroll's exit code to $LASTEXITCODE.
  Ctrl-C stops safely: servers that were started are finished and restored, nothing new starts, Resume-ExRoll goes on.
  .PARAMETER Playbook
  The playbook, YAML. The ready ones are in exroll's folder playbooks.
  .PARAMETER Inventory
  The inventory, YAML.
  .PARAMETER Limit
  Only these servers: names and globs, role:, site:, group:, cluster:; ! negates, a comma is "or", & is "and".
  .PARAMETER Allow
  Blocks of precheck to let through: pending-reboot, or pending-reboot@ex-cas-01.
  .PARAMETER Set
  Values of the playbook for this run: 'rollout.max_fail=2'.
  .PARAMETER Credential
  The password for the credential of the inventory that has this user name, or that says prompt. It goes to exroll over stdin.
  .PARAMETER RunsFolder
  Where run folders go; else EXROLL_RUNS, else .exroll/runs.
  .PARAMETER AsJob
  Returns a job; Receive-Job gives the objects as they come.
  .EXAMPLE
  Invoke-ExRoll -Playbook playbooks/apply-rollup.yaml -Inventory fleet.yaml -WhatIf

  Shows what would happen on every server, and changes nothing on any.
  .EXAMPLE
  Invoke-ExRoll playbooks/apply-rollup.yaml fleet.yaml -Limit 'role:cas' -Confirm:$false | Where-Object Outcome -ne changed

  Patches the client access servers without asking, and keeps those that are not patched now.
  .EXAMPLE
  $job = Invoke-ExRoll playbooks/apply-rollup.yaml fleet.yaml -AsJob -Confirm:$false; Receive-Job $job -Wait

  Runs in the background.
  .OUTPUTS
  ExRoll.ServerResult, or ExRoll.ServerPlan with -WhatIf.
  .LINK
  Resume-ExRoll
  .LINK
  Get-ExRollRun
  #>
  [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
  [OutputType('ExRoll.ServerResult', 'ExRoll.ServerPlan')]
  param(
    [Parameter(Mandatory = $true, Position = 0)] [string]$Playbook,
    [Parameter(Mandatory = $true, Position = 1)] [string]$Inventory,
    [string]$Limit = '',
    [string[]]$Allow = @(),
    [string[]]$Set = @(),
    [Management.Automation.PSCredential[]]$Credential,
    [string]$RunsFolder = '',
    [switch]$AsJob
  )
  $words = @((Resolve-ExRollPath $Playbook $PSCmdlet), '-i', (Resolve-ExRollPath $Inventory $PSCmdlet))
  if ($Limit -ne '') { $words += @('--limit', $Limit) }
  foreach ($entry in $Allow) { $words += @('--allow', $entry) }
  foreach ($entry in $Set) { $words += @('--set', $entry) }
  $whatIf = [bool]$WhatIfPreference
  if ($whatIf) { $words += '--dry-run' }
  elseif (-not $PSCmdlet.ShouldProcess("$Inventory $Limit".Trim(), "carry out $Playbook")) { return }
  else { $words += '--yes' }
  if ($AsJob) {
    $call = @{ Module = [IO.Path]::Combine($script:ExRollRoot, 'ExRoll.psd1'); Folder = (Get-ExRollFolder $PSCmdlet); Bound = @{} }
    foreach ($name in $PSBoundParameters.Keys) { if ($name -ne 'AsJob') { $call.Bound[$name] = $PSBoundParameters[$name] } }
    $call.Bound['Confirm'] = $false
    $call.Bound['WhatIf'] = $whatIf
    $job = Start-Job -Name 'ExRoll' -ArgumentList $call -ScriptBlock {
      param($call)
      Set-Location -LiteralPath $call.Folder
      Import-Module $call.Module
      $bound = $call.Bound
      Invoke-ExRoll @bound
    }
    $PSCmdlet.WriteObject($job)
    return
  }
  Invoke-ExRollRun -Verb 'run' -Words $words -RunsFolder $RunsFolder -Credential $Credential -Cmdlet $PSCmdlet
}
