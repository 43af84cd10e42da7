# What runs of exroll left on this server, and what of it may go.
. "$PSScriptRoot\..\shared\Guard.ps1"
. "$PSScriptRoot\..\shared\Exchange.ps1"
. "$PSScriptRoot\..\shared\InstallerRegistration.ps1"

$patchSources = 'SOFTWARE\Classes\Installer\Patches'

function Get-NameIn([string]$Folder, [bool]$Folders) {
  if (-not [IO.Directory]::Exists($Folder)) { return }
  if ($Folders) { $paths = [IO.Directory]::GetDirectories($Folder) } else { $paths = [IO.Directory]::GetFiles($Folder) }
  foreach ($path in $paths) { [IO.Path]::GetFileName($path) }
}

# Names of the runs that have a folder here.
function Get-RunName { return @(Get-NameIn ([IO.Path]::Combine((Get-StateFolder), 'runs')) $true) }

# A run that took its guard away found all as it was; what differs from its snapshot since is somebody's wish.
function Test-Settled([string]$Run) {
  if ((Get-ArmedRun) -ceq $Run) { return $false }
  if (Test-JournalEntry $Run '"type":"guard","action":"disarmed"') { return $true }
  return (-not (Test-JournalEntry $Run '"type":"guard","action":"armed"'))
}

function Get-RunTask([string]$Run) {
  foreach ($name in @((Get-GuardTaskName $Run), (Get-JobTaskName $Run), (Get-AccountTaskName $Run), (Get-CopyTaskName $Run))) { if (Test-SystemTask $name) { $name } }
}

function Get-LeftoverRun([string]$Run) {
  $outstanding = @()
  $down = @()
  $busy = ''
  if (-not (Test-Settled $Run) -and [IO.File]::Exists((Get-SnapshotFile $Run))) {
    $snapshot = Get-Snapshot $Run
    $outstanding = @(Get-Outstanding $Run $snapshot)
    $down = @((Get-ServiceSummary $snapshot)['down'])
    $busy = Get-BusyReason $Run
  }
  $bytes = [long]0
  $folder = Get-RunFolder $Run
  foreach ($name in @(Get-NameIn $folder $false)) { $bytes += Get-LogBytes ([IO.Path]::Combine($folder, $name)) }
  return (New-Record 'run' $Run 'armed' ((Get-ArmedRun) -ceq $Run) 'busy' $busy 'outstanding' $outstanding 'down' $down 'tasks' @(Get-RunTask $Run) 'bytes' $bytes)
}

function Get-PackageFolder { return [IO.Path]::Combine((Get-StateFolder), 'packages') }

# Windows Installer asks for a package by name and folder when it repairs or removes the patch that came from it.
function Get-PackageNeed([string]$Name) {
  $exchange = Get-InstalledExchange
  if ($null -ne $exchange) {
    foreach ($patch in @(Get-RegisteredPatch $exchange['productCode'])) { if ($patch['packageName'] -eq $Name) { return $patch['displayName'] + ' was installed from it' } }
  }
  # A patch of something else, or of an Exchange that cannot be read.
  foreach ($packed in @(Get-RegistrySubkey 'HKLM' $patchSources '64')) {
    $source = Get-RegistryValue 'HKLM' ($patchSources + '\' + $packed + '\SourceList') 'PackageName' '64'
    if ([string]$source -eq $Name) { return 'an installed patch came from it' }
  }
  return ''
}

function Get-LeftoverPackage {
  $root = Get-PackageFolder
  foreach ($short in @(Get-NameIn $root $true)) {
    $folder = [IO.Path]::Combine($root, $short)
    foreach ($name in @(Get-NameIn $folder $false)) {
      $path = [IO.Path]::Combine($folder, $name)
      New-Record 'path' $path 'bytes' (Get-LogBytes $path) 'neededBy' (Get-PackageNeed $name)
    }
  }
}

# Why a run's folder has to stay, or '' when it may go. The folder's path also refuses names that could lead elsewhere.
function Get-RunStay([string]$Run) {
  if (-not [IO.Directory]::Exists((Get-RunFolder $Run))) { return 'it is not there' }
  if (Test-Settled $Run) { return '' }
  return 'its guard is armed, or it has something to put back: exroll restore'
}

function Remove-LeftoverRun([string]$Run) {
  foreach ($name in @((Get-JobTaskName $Run), (Get-AccountTaskName $Run), (Get-CopyTaskName $Run), (Get-GuardTaskName $Run))) { Unregister-SystemTask $name }
  [IO.Directory]::Delete((Get-RunFolder $Run), $true)
}

# Why a package has to stay, or '' when it may go. Only what is listed can be removed.
function Get-PackageStay([string]$Path) {
  $known = @(Get-LeftoverPackage | Where-Object { $_['path'] -eq $Path })
  if ($known.Length -eq 0) { return 'it is not one of the packages here' }
  foreach ($run in @(Get-RunName)) { if (-not (Test-Settled $run)) { return 'a run on this server is not settled' } }
  return $known[0]['neededBy']
}

function Remove-LeftoverPackage([string]$Path) {
  [IO.File]::Delete($Path)
  $folder = [IO.Path]::GetDirectoryName($Path)
  if (@([IO.Directory]::GetFileSystemEntries($folder)).Length -eq 0) { [IO.Directory]::Delete($folder) }
}
