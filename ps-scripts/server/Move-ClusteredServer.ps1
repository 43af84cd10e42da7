param(
  [string]$Name = '',
  [string]$TargetNode = '',
  [long]$TimeoutSeconds = 0
)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot\..\shared\Answer.ps1"
. "$PSScriptRoot\..\shared\WindowsCalls.ps1"

$lookEveryMilliseconds = 1000

function Get-OwnCluster {
  $cluster = Get-ClusteredMailboxServerFact
  if ($null -eq $cluster -or $cluster['name'] -ne $Name) {
    Stop-Call 'CLUSTER_UNKNOWN' ((Get-ComputerName) + ' is no node of ' + $Name) 'Read the facts of the server again.'
  }
  return $cluster
}

function Test-OnTarget($Cluster) { return ($Cluster['healthy'] -and $Cluster['activeNode'] -eq $TargetNode) }

# Rollups go on passive nodes only (TechNet bb885043, exchange.md 2.2). Waits until the server is healthy on the target.
Invoke-PrivilegedAnswer 'Move-ClusteredServer' {
  $cluster = Get-OwnCluster
  if (@($cluster['nodes']) -notcontains $TargetNode) {
    $nodes = [string]::Join(', ', [string[]]@($cluster['nodes']))
    Stop-Call 'CLUSTER_NODE_UNKNOWN' ($TargetNode + ' is no node of ' + $cluster['name']) ('Its nodes are ' + $nodes + '.')
  }
  $deadline = (Get-UptimeMilliseconds) + 1000 * $TimeoutSeconds
  # A server that is on its way already is only waited for.
  $moved = ($cluster['healthy'] -and $cluster['activeNode'] -ne $TargetNode)
  if ($moved) {
    $text = 'exroll moves ' + $cluster['name'] + ' from ' + $cluster['activeNode'] + ' to ' + $TargetNode + ' before an update'
    try { Write-EventLogEntry 16 'Information' $text } catch { Write-CallProgress 'note' ('no entry in the Application log: ' + $_.Exception.GetBaseException().Message) }
    Start-ClusteredMailboxServerMove $cluster['name'] $TargetNode
  }
  $cluster = Get-OwnCluster
  while (-not (Test-OnTarget $cluster) -and (Get-UptimeMilliseconds) -lt $deadline) {
    Wait-Moment $lookEveryMilliseconds
    $cluster = Get-OwnCluster
  }
  New-Record 'moved' $moved 'activeNode' $cluster['activeNode'] 'healthy' $cluster['healthy']
}
