# What Exchange knows of its own servers, as NDJSON: a line for each server and each mailbox server, and one at the end. Runs in the operator's own
# PowerShell, where the management tools are, or asks the remote PowerShell of the one server that is named; it only reads.
param([string[]]$RemoteServer)

. "$PSScriptRoot\..\shared\Json.ps1"

$ErrorActionPreference = 'Stop'

# Commands that are there already (the Exchange Management Shell, an imported session, a module), else the snap-in of 2013, 2010 or 2007.
function Import-ExchangeCommand {
  if (Get-Command -Name Get-ExchangeServer -ErrorAction SilentlyContinue) { return }
  if (-not (Get-Command -Name Get-PSSnapin -ErrorAction SilentlyContinue)) { return }
  $names = 'Microsoft.Exchange.Management.PowerShell.SnapIn', 'Microsoft.Exchange.Management.PowerShell.E2010', 'Microsoft.Exchange.Management.PowerShell.Admin'
  foreach ($name in $names) {
    if (Get-PSSnapin -Registered -Name $name -ErrorAction SilentlyContinue) {
      Add-PSSnapin -Name $name
      return
    }
  }
}

# Exchange 2010 and newer ("Connect to Exchange servers using remote PowerShell"). Its endpoint runs single commands and no language, and
# Import-PSSession would need an execution policy that lets it load the module that it writes.
function Connect-ExchangeServer([string]$Server) {
  return (New-PSSession -ConfigurationName 'Microsoft.Exchange' -ConnectionUri ('http://' + $Server + '/PowerShell/') -Authentication Kerberos)
}

function Invoke-ExchangeCommand([string]$Name) {
  if ($null -eq $exchangeSession) { return (& $Name) }
  return (Invoke-Command -Session $exchangeSession -ScriptBlock ([ScriptBlock]::Create($Name)))
}

function Test-ExchangeCommand([string]$Name) {
  return ($null -ne $exchangeSession -or $null -ne (Get-Command -Name $Name -ErrorAction SilentlyContinue))
}

function Get-OperatorName {
  if ($env:USERDOMAIN -and $env:USERNAME) { return "$env:USERDOMAIN\$env:USERNAME" }
  return [Environment]::UserName
}

# Machines that a clustered mailbox server of 2007 can run on. 'NODEA <Active, Quorum Owner>' is how the status writes one.
function Get-ClusterNode($MailboxServer) {
  $nodes = @($MailboxServer.RedundantMachines | Where-Object { $_ } | ForEach-Object { [string]$_ })
  if ($nodes.Count -gt 0 -or -not (Get-Command -Name Get-ClusteredMailboxServerStatus -ErrorAction SilentlyContinue)) { return $nodes }
  try {
    $status = Get-ClusteredMailboxServerStatus -Identity ([string]$MailboxServer.Name)
    return @($status.OperationalMachines | Where-Object { $_ } | ForEach-Object { ([string]$_ -split ' ')[0] })
  } catch {
    Write-JsonLine (New-Record 'note' "$($MailboxServer.Name): Get-ClusteredMailboxServerStatus: $($_.Exception.Message)")
    return @()
  }
}

function Write-ExchangeServer {
  foreach ($server in @(Invoke-ExchangeCommand 'Get-ExchangeServer')) {
    Write-JsonLine (New-Record 'server' (New-Record 'name' ([string]$server.Name) 'fqdn' ([string]$server.Fqdn) 'role' ([string]$server.ServerRole) `
          'site' ([string]$server.Site) 'version' ([string]$server.AdminDisplayVersion)))
  }
}

function Write-MailboxServer {
  if (-not (Test-ExchangeCommand 'Get-MailboxServer')) { return }
  try { $servers = @(Invoke-ExchangeCommand 'Get-MailboxServer') } catch {
    Write-JsonLine (New-Record 'note' "Clusters and availability groups are not known: Get-MailboxServer: $($_.Exception.Message)")
    return
  }
  foreach ($server in $servers) {
    $storage = [string]$server.ClusteredStorageType
    $nodes = @()
    if ($storage -and $storage -ne 'Disabled') { $nodes = @(Get-ClusterNode $server) }
    Write-JsonLine (New-Record 'mailboxServer' (New-Record 'name' ([string]$server.Name) 'dag' ([string]$server.DatabaseAvailabilityGroup) `
          'storage' $storage 'nodes' $nodes))
  }
}

$exchangeSession = $null
try {
  if ($RemoteServer) {
    try { $exchangeSession = Connect-ExchangeServer $RemoteServer[0] } catch {
      Write-JsonLine (New-Record 'error' (New-Record 'code' 'EXCHANGE_REMOTE' 'message' ([string]$_.Exception.Message)))
      return
    }
  } else { Import-ExchangeCommand }
  if (Test-ExchangeCommand 'Get-ExchangeServer') {
    Write-ExchangeServer
    Write-MailboxServer
    Write-JsonLine (New-Record 'end' (New-Record 'operator' (Get-OperatorName)))
  } else {
    Write-JsonLine (New-Record 'error' (New-Record 'code' 'EXCHANGE_TOOLS_MISSING' 'message' ([string]$PSVersionTable.PSVersion)))
  }
} catch {
  Write-JsonLine (New-Record 'error' (New-Record 'code' 'EXCHANGE_QUERY' 'message' ([string]$_.Exception.Message)))
} finally {
  if ($null -ne $exchangeSession) { Remove-PSSession $exchangeSession }
}
