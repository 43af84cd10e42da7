function Restore-ExRollSetting {
  <#
  .SYNOPSIS
  Puts back what any earlier run left changed on the servers of an inventory.
  .DESCRIPTION
  Works from what the servers themselves recorded, so it needs neither the run folder nor the machine of the run. One object a server that had something to
  put back. What a server refuses to take back is an error with the id SettingStuck.
  .PARAMETER Inventory
  The inventory, YAML.
  .PARAMETER Limit
  Only these servers; see Invoke-ExRoll.
  .PARAMETER FromDefaults
  Start types from the product's own set-up, for servers that something else broke. Never starts what is Manual.
  .PARAMETER Service
  With -FromDefaults: these services too, though nothing shows that a patch disabled them.
  .PARAMETER Credential
  As for Invoke-ExRoll.
  .EXAMPLE
  Restore-ExRollSetting fleet.yaml -WhatIf

  Shows what would be put back.
  .EXAMPLE
  Restore-ExRollSetting fleet.yaml -Limit ex-cas-01 -FromDefaults

  Cures a server whose services a broken patch left disabled, after asking.
  .OUTPUTS
  ExRoll.RestoreResult
  .LINK
  Invoke-ExRoll
  #>
  [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
  [OutputType('ExRoll.RestoreResult')]
  param(
    [Parameter(Mandatory = $true, Position = 0)] [string]$Inventory,
    [string]$Limit = '',
    [switch]$FromDefaults,
    [string[]]$Service = @(),
    [Management.Automation.PSCredential[]]$Credential
  )
  $words = @('restore', '-i', (Resolve-ExRollPath $Inventory $PSCmdlet), '--json')
  if ($Limit -ne '') { $words += @('--limit', $Limit) }
  if ($FromDefaults) { $words += '--from-defaults' }
  foreach ($name in $Service) { $words += @('--service', $name) }
  if ([bool]$WhatIfPreference) { $words += '--dry-run' }
  elseif ($PSCmdlet.ShouldProcess("$Inventory $Limit".Trim(), 'put back what earlier runs left changed')) { $words += '--yes' }
  else { return }
  $answer = Invoke-ExRollJson $words @(0, 2, 4, 6) $Credential $PSCmdlet
  foreach ($server in @($answer.servers)) {
    $failure = Get-ExRollMember $server 'error'
    if ($null -ne $failure) {
      $text = $server.name + ': ' + $failure.message + ' ' + [string](Get-ExRollMember $failure 'hint')
      Write-ExRollError (New-ExRollError $failure.code 'ConnectionError' $server.name $text.Trim()) $PSCmdlet
      continue
    }
    $planned = @($server.runs | ForEach-Object { $_.outstanding } | Where-Object { $null -ne $_ }) + @($server.defaults.changes)
    $outcome = $server.outcome
    if ($null -eq $outcome -and $planned.Count -eq 0 -and @($server.leftoverState).Count -eq 0) { continue }
    $stuck = @(Get-ExRollMember $outcome 'stuck' | Where-Object { $null -ne $_ } | ForEach-Object { New-ExRollSetting $_ 'stuck' })
    $PSCmdlet.WriteObject((New-ExRollObject 'ExRoll.RestoreResult' ([ordered]@{
            Server = $server.name; Planned = @($planned | ForEach-Object { New-ExRollSetting $_ 'planned' })
            Restored = @(Get-ExRollMember $outcome 'restored' | Where-Object { $null -ne $_ } | ForEach-Object { New-ExRollSetting $_ 'restored' })
            Stuck = $stuck; Down = @(Get-ExRollMember $outcome 'down' | Where-Object { $null -ne $_ }); Notes = @(Get-ExRollMember $outcome 'notes' | Where-Object { $null -ne $_ })
          })))
    foreach ($one in $stuck) {
      $text = $server.name + ': ' + $one.Setting + ' ' + $one.Scope + ' could not be put back: the server refuses it.'
      Write-ExRollError (New-ExRollError 'SettingStuck' 'SecurityError' $one $text) $PSCmdlet
    }
  }
}
