# Start types from the snapshot, and starting what ran before, in the order services need each other.
. "$PSScriptRoot\..\shared\Snapshot.ps1"
. "$PSScriptRoot\..\shared\Journal.ps1"

# Services that Windows stops by itself when they have nothing to do: to be stopped is no fault of theirs.
$selfStopping = @('msiserver', 'trustedinstaller', 'bits', 'wuauserv', 'swprv', 'vss', 'winhttpautoproxysvc', 'comsysapp', 'appidsvc',
  'appinfo', 'wersvc', 'sppsvc', 'wdisystemhost', 'tiworker', 'msdtc', 'clr_optimization_v2.0.50727_64')

# Services that change their own start type: BITS and Windows Update with the work they have, TrustedInstaller around a restart, the
# .NET optimizer when it is done. The installer does not touch them (exchange.md 0, fact 1), so they are left to themselves.
$selfConfiguring = @('bits', 'wuauserv', 'trustedinstaller', 'clr_optimization_v2.0.50727_32', 'clr_optimization_v2.0.50727_64',
  'clr_optimization_v4.0.30319_32', 'clr_optimization_v4.0.30319_64')

function Get-ServiceTable {
  $table = @{}
  foreach ($service in @(Get-ServiceList)) { $table[$service['name'].ToLower()] = $service }
  return $table
}

# Short names of those that ran when the snapshot was taken and are still installed (per-user services go with their user).
function Get-ExpectedService($Snapshot, $Table) {
  foreach ($service in $Snapshot['services']) {
    $key = $service['name'].ToLower()
    if ($service['state'] -ceq 'Running' -and $Table.ContainsKey($key) -and $selfStopping -notcontains $key) { $service['name'] }
  }
}

function Get-ServiceSummary($Snapshot) {
  $table = Get-ServiceTable
  $expected = @(Get-ExpectedService $Snapshot $table)
  $down = @($expected | Where-Object { $table[$_.ToLower()]['state'] -cne 'Running' })
  return (New-Record 'running' ($expected.Length - $down.Length) 'expected' $expected.Length 'down' $down)
}

# Start types that are not as in the snapshot: from = now, to = the snapshot's.
function Get-StartTypeDifference($Snapshot) {
  $table = Get-ServiceTable
  foreach ($service in $Snapshot['services']) {
    $key = $service['name'].ToLower()
    $now = $table[$key]
    if ($selfConfiguring -notcontains $key -and $null -ne $now -and $now['startType'] -cne $service['startType']) {
      New-SettingChange 'start-type' $service['name'] $now['startType'] $service['startType']
    }
  }
}

# Puts start types back through the service manager and reads them back.
function Restore-StartType($Snapshot) {
  $wanted = @(Get-StartTypeDifference $Snapshot)
  $refusals = @()
  foreach ($change in $wanted) {
    try { Set-ServiceStartType $change['scope'] $change['to'] }
    catch { $refusals += 'start type of ' + $change['scope'] + ': ' + $_.Exception.GetBaseException().Message }
  }
  $left = @{}
  if ($wanted.Length -gt 0) { foreach ($change in @(Get-StartTypeDifference $Snapshot)) { $left[$change['scope']] = $true } }
  $stuck = @($wanted | Where-Object { $left.ContainsKey($_['scope']) })
  $restored = @($wanted | Where-Object { -not $left.ContainsKey($_['scope']) })
  return (New-Record 'restored' $restored 'stuck' $stuck 'foreign' @() 'refusals' $refusals 'settled' @())
}

# Names in the order to start them: what a service needs comes before it. What it needs is started too only if it ran before.
function Get-StartOrder($Snapshot, [string[]]$Names) {
  $byName = @{}
  foreach ($service in $Snapshot['services']) { $byName[$service['name'].ToLower()] = $service }
  $wanted = @{}
  foreach ($name in $Names) { $wanted[$name.ToLower()] = $true }
  $order = [Activator]::CreateInstance([Collections.ArrayList])
  $seen = @{}
  foreach ($name in $Names) { Add-StartOrder $name.ToLower() $byName $wanted $seen $order }
  return @($order)
}

function Add-StartOrder([string]$Key, $ByName, $Wanted, $Seen, $Order) {
  if ($Seen.ContainsKey($Key) -or -not $ByName.ContainsKey($Key)) { return }
  $Seen[$Key] = $true
  foreach ($needed in @($ByName[$Key]['dependsOn'])) { Add-StartOrder $needed.ToLower() $ByName $Wanted $Seen $Order }
  if ($Wanted.ContainsKey($Key)) { [void]$Order.Add($ByName[$Key]['name']) }
}

# Starts one service and waits for it. Returns '' or what went wrong.
function Start-OneService([string]$Name, [long]$Deadline) {
  try {
    if ((Get-ServiceState $Name) -ceq 'Stopped') { Start-ServiceNow $Name }
    while ($true) {
      $state = Get-ServiceState $Name
      if ($state -ceq 'Running') { return '' }
      if ($null -eq $state -or $state -ceq 'Stopped') { return 'it stopped again' }
      if ((Get-UptimeMilliseconds) -ge $Deadline) { return ('still ' + $state) }
      Wait-Moment 500
    }
  } catch { return [string]$_.Exception.GetBaseException().Message }
}

# Starts what ran before. One pass, or again and again until all run or the time is over: managed services may time out at their
# first start after a rollup (KB944752). Returns the names started and the errors of those that are down.
function Start-RecordedService([string]$Run, [string]$By, $Snapshot, [long]$TimeoutSeconds, [bool]$Again, [bool]$Report) {
  $deadline = (Get-UptimeMilliseconds) + 1000 * $TimeoutSeconds
  $started = @()
  $errors = @{}
  $pass = 0
  while ($true) {
    $pass++
    $down = @((Get-ServiceSummary $Snapshot)['down'])
    if ($down.Length -eq 0) { break }
    if ($pass -gt 1 -and ((Get-UptimeMilliseconds) -ge $deadline -or -not $Again)) { break }
    if ($pass -gt 1) { Wait-Moment 5000 }
    foreach ($name in @(Get-StartOrder $Snapshot $down)) {
      $problem = Start-OneService $name $deadline
      if ($problem -eq '') { if ($started -notcontains $name) { $started += $name } } else { $errors[$name] = $problem }
      if ($Report) {
        if ($problem -ne '') { Write-CallProgress 'note' ($name + ' did not start: ' + $problem) }
        Write-CallProgress 'services' (Get-ServiceSummary $Snapshot)
      }
    }
  }
  $summary = Get-ServiceSummary $Snapshot
  $failed = @()
  foreach ($name in @($summary['down'])) {
    $message = 'it stopped again'
    if ($errors.ContainsKey($name)) { $message = $errors[$name] }
    $failed += New-Record 'name' $name 'message' $message
  }
  if ($started.Length -gt 0) { Write-RunEvent $Run 15 'Information' ('services started by the ' + $By + ': ' + [string]::Join(', ', [string[]]$started)) }
  return (New-Record 'services' $summary 'started' @($started) 'errors' $failed)
}
