function Get-ExRollFact {
  <#
  .SYNOPSIS
  Reads what the servers of an inventory are; changes nothing.
  .DESCRIPTION
  One object a server: Exchange's version and updates, services, CRL checking and execution policy, missing files of the installer's cache, pending restart.
  A server that cannot be asked is an error; the others' objects still come.
  .PARAMETER Inventory
  The inventory, YAML.
  .PARAMETER Limit
  Only these servers; see Invoke-ExRoll.
  .PARAMETER Credential
  As for Invoke-ExRoll.
  .EXAMPLE
  Get-ExRollFact fleet.yaml | Select-Object Server, Build, MissingCache

  Builds, and files that Windows Installer will miss.
  .OUTPUTS
  ExRoll.ServerFact
  .LINK
  Invoke-ExRoll
  #>
  [CmdletBinding()]
  [OutputType('ExRoll.ServerFact')]
  param(
    [Parameter(Mandatory = $true, Position = 0)] [string]$Inventory,
    [string]$Limit = '',
    [Management.Automation.PSCredential[]]$Credential
  )
  $words = @('facts', '-i', (Resolve-ExRollPath $Inventory $PSCmdlet), '--json')
  if ($Limit -ne '') { $words += @('--limit', $Limit) }
  $answer = Invoke-ExRollJson $words @(0, 2, 4) $Credential $PSCmdlet
  foreach ($server in @($answer.servers)) {
    $failure = Get-ExRollMember $server 'error'
    if ($null -ne $failure) {
      $text = $server.name + ': ' + $failure.message + ' ' + [string](Get-ExRollMember $failure 'hint')
      Write-ExRollError (New-ExRollError $failure.code 'ConnectionError' $server.name $text.Trim()) $PSCmdlet
      continue
    }
    $PSCmdlet.WriteObject((New-ExRollObject 'ExRoll.ServerFact' ([ordered]@{
            Server = $server.name; ComputerName = $server.computerName; Generation = (Get-ExRollMember $server.exchange 'generation')
            Build = (Get-ExRollMember $server.exchange 'build'); Architecture = (Get-ExRollMember $server.exchange 'architecture')
            Roles = @(Get-ExRollMember $server.exchange 'roles'); Updates = @($server.updates); Services = @($server.services); Settings = $server.settings
            MissingCache = @($server.missingCache); PendingReboot = @($server.pendingReboot); LeftoverState = @($server.leftoverState); ArmedRun = $server.armedRun
            FreeBytes = $server.freeBytes; Elevated = $server.elevated; Cluster = $server.cluster; WindowsVersion = $server.osVersion
            PowerShellVersion = $server.powershellVersion
          })))
  }
}
