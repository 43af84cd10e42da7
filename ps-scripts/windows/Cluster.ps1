# The clustered mailbox server of Exchange 2007 (exchange.md 2.2). Its cmdlets are in a snap-in, so a PowerShell of its own runs them: it
# loads slowly, and nothing else here depends on it.
. "$PSScriptRoot\..\shared\Json.ps1"
. "$PSScriptRoot\..\windows\Machine.ps1"
. "$PSScriptRoot\..\windows\Services.ps1"

function Get-ExchangeShellWord([string]$Text) {
  $script = '$ErrorActionPreference = "Stop"; Add-PSSnapin Microsoft.Exchange.Management.PowerShell.Admin; ' + $Text
  return '-NoLogo -NoProfile -NonInteractive -InputFormat None -EncodedCommand ' + [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($script))
}

# name=value lines of what the Exchange Management Shell prints, as a record.
function Read-ExchangeShell([string]$Text) {
  $ended = Invoke-Program (Get-PowerShellPath) (Get-ExchangeShellWord $Text)
  if ($ended['exitCode'] -ne 0) { throw ('the Exchange Management Shell failed: ' + $ended['output']) }
  $found = New-Record
  foreach ($part in $ended['output'].Split(' ')) {
    $at = $part.IndexOf('=')
    if ($at -gt 0) { $found[$part.Substring(0, $at)] = $part.Substring($at + 1) }
  }
  return $found
}

# Null on a server that is no node of one. OperationalMachines marks the active node with <Active>.
function Get-ClusteredMailboxServerFact {
  if ((Get-ServiceState 'ClusSvc') -cne 'Running') { return $null }
  $me = (Get-ComputerName).ToUpper()
  $found = Read-ExchangeShell ('$s = @(Get-MailboxServer | Where-Object { @($_.RedundantMachines | ForEach-Object { ([string]$_).ToUpper() }) -contains "' + $me + '" }); ' +
    'if ($s.Count -gt 0) { $c = Get-ClusteredMailboxServerStatus -Identity $s[0].Name; ' +
    '$a = @($c.OperationalMachines | Where-Object { ([string]$_) -match "<Active" } | ForEach-Object { ([string]$_).Split(" ")[0] }); ' +
    '"name=" + $s[0].Name; "type=" + $s[0].ClusteredStorageType; "nodes=" + [string]::Join(",", @($s[0].RedundantMachines | ForEach-Object { [string]$_ })); "active=" + $a[0]; "state=" + $c.State }')
  if (-not $found.Contains('name')) { return $null }
  # ClusteredStorageType: NonShared is cluster continuous replication, Shared a single copy cluster.
  if ($found['type'] -ceq 'NonShared') { $type = 'ccr' } else { $type = 'scc' }
  $active = ([string]$found['active']).ToUpper()
  return (New-Record 'type' $type 'name' $found['name'].ToUpper() 'nodes' @($found['nodes'].ToUpper().Split(',')) 'activeNode' $active `
      'isActive' ($active -ceq $me) 'healthy' ($found['state'] -ceq 'Online'))
}

# Begins the hand-over and returns; Get-ClusteredMailboxServerFact says how far it is. The cluster carries it through by itself.
function Start-ClusteredMailboxServerMove([string]$Name, [string]$TargetNode) {
  if (($Name + $TargetNode) -cnotmatch '^[A-Za-z0-9_-]+$') { throw ('no name of a server: ' + $Name + ', ' + $TargetNode) }
  $text = 'Move-ClusteredMailboxServer -Identity "' + $Name + '" -TargetMachine "' + $TargetNode + '" -MoveComment "exroll" -Confirm:$false'
  $start = [Activator]::CreateInstance([Diagnostics.ProcessStartInfo], [object[]]@((Get-PowerShellPath), (Get-ExchangeShellWord $text)))
  $start.UseShellExecute = $false
  $start.CreateNoWindow = $true
  [void][Diagnostics.Process]::Start($start)
}
