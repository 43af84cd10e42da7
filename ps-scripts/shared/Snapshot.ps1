# What a run puts back: every service's start type and state, and the settings. Written once, never again.
. "$PSScriptRoot\..\shared\Change.ps1"

function Get-SnapshotFile([string]$Run) { return (Get-RunFile $Run 'snapshot') }

# Defaults are entries W3SVC=Automatic: a Disabled service listed there is not what it should be (retry poisoning).
function Get-TrueService([string[]]$Defaults) {
  $known = @{}
  foreach ($entry in $Defaults) {
    $at = $entry.LastIndexOf('=')
    if ($at -gt 0) { $known[$entry.Substring(0, $at).ToLower()] = $entry.Substring($at + 1) }
  }
  foreach ($service in @(Get-ServiceList)) {
    $default = $known[$service['name'].ToLower()]
    if ($null -ne $default -and $service['startType'] -ceq 'Disabled') {
      $service['startType'] = $default
      if ($default.StartsWith('Automatic')) { $service['state'] = 'Running' }
    }
    $service
  }
}

# What ran before an attempt that was cut short was left stopped on purpose: it still counts as running.
function Add-EarlierState($Services, [string]$Before) {
  $ran = @{}
  if ($Before -cne '' -and [IO.File]::Exists((Get-SnapshotFile $Before))) {
    foreach ($service in @((Get-Snapshot $Before)['services'])) {
      if ($service['state'] -ceq 'Running') { $ran[$service['name'].ToLower()] = $true }
    }
  }
  foreach ($service in @($Services)) {
    if ($ran.ContainsKey($service['name'].ToLower()) -and $service['startType'] -cne 'Disabled') { $service['state'] = 'Running' }
    $service
  }
}

function Format-Snapshot($Services, $Settings) {
  $lines = @('exroll-snapshot 1')
  foreach ($service in $Services) {
    $depends = [string]::Join('/', [string[]]@($service['dependsOn']))
    $fields = @('service') + @(@($service['name'], $service['displayName'], $service['startType'], $service['state'], $depends) | ForEach-Object { ConvertTo-Field $_ })
    $lines += [string]::Join(' ', $fields)
  }
  return (Join-SnapshotLine ($lines + @(Format-SnapshotSetting $Settings)))
}

function Format-SnapshotSetting($Settings) {
  foreach ($kind in @('crl', 'serverCertificateRevocation', 'executionPolicy', 'installerLogging')) {
    if ($null -eq $Settings[$kind]) { continue }
    foreach ($scope in $Settings[$kind].Keys) { 'setting ' + $kind + ' ' + (ConvertTo-Field $scope) + ' ' + (ConvertTo-Field $Settings[$kind][$scope]) }
  }
}

# The last line says how many there are: a file that was cut is noticed.
function Join-SnapshotLine([string[]]$Lines) { return [string]::Join("`n", @($Lines) + @('end ' + $Lines.Length.ToString())) + "`n" }

function Test-WholeSnapshot([string[]]$Lines) {
  return ($Lines.Length -gt 0 -and $Lines[$Lines.Length - 1] -ceq ('end ' + ($Lines.Length - 1).ToString()))
}

function Get-AccountSnapshotFile([string]$Run) { return (Get-RunFile $Run 'snapshot.account') }

# What the job's account had before the job's first change, taken by the job itself; once, like the snapshot.
function New-AccountSnapshot([string]$Run, [string]$Sid) {
  [void](New-StateFile (Get-AccountSnapshotFile $Run) (Join-SnapshotLine (@('exroll-snapshot 1') + @(Format-SnapshotSetting (Get-SettingsFact @($Sid))))))
}

# True when this call took it.
function New-SnapshotFile([string]$Run, [string[]]$Accounts, [string[]]$Defaults, [string]$Before) {
  $path = Get-SnapshotFile $Run
  if ([IO.File]::Exists($path)) { return $false }
  return (New-StateFile $path (Format-Snapshot @(Add-EarlierState @(Get-TrueService $Defaults) $Before) (Get-SettingsFact $Accounts)))
}

# Services and settings of the run's snapshot. Stops the call when there is none or it is not whole.
function Get-Snapshot([string]$Run) {
  $lines = @(Get-StateLine (Get-SnapshotFile $Run))
  if ($lines.Length -eq 0) { Stop-Call 'NO_SNAPSHOT' ('run ' + $Run + ' has no snapshot on this server') 'Nothing of this run can be put back from here: its snapshot was never taken, or its folder was removed. exroll restore --from-defaults goes by product data.' }
  if (-not (Test-WholeSnapshot $lines)) {
    Stop-Call 'SNAPSHOT_DAMAGED' ('the snapshot of run ' + $Run + ' is not whole') 'Compare the services with another server of this role.'
  }
  $services = @()
  $settings = New-Record 'crl' (New-Record) 'serverCertificateRevocation' (New-Record) 'executionPolicy' (New-Record) 'installerLogging' $null
  # What the job saw of its own account comes last: it could see more of it.
  $more = @(Get-StateLine (Get-AccountSnapshotFile $Run))
  if (-not (Test-WholeSnapshot $more)) { $more = @() }
  foreach ($line in ($lines + $more)) {
    $fields = $line.Split(' ')
    if ($fields[0] -ceq 'service') {
      $depends = ConvertFrom-Field $fields[5]
      $services += New-Record 'name' (ConvertFrom-Field $fields[1]) 'displayName' (ConvertFrom-Field $fields[2]) 'startType' (ConvertFrom-Field $fields[3]) 'state' (ConvertFrom-Field $fields[4]) 'dependsOn' @($depends.Split('/') | Where-Object { $_ -ne '' })
    }
    if ($fields[0] -ceq 'setting') {
      if ($null -eq $settings[$fields[1]]) { $settings[$fields[1]] = New-Record }
      $settings[$fields[1]][(ConvertFrom-Field $fields[2])] = ConvertFrom-Field $fields[3]
    }
  }
  return (New-Record 'services' $services 'settings' $settings)
}
