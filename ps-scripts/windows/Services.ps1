# Services, through the service manager: it keeps its own copy of the configuration, and what is written into the registry behind its
# back counts from the next boot only (the service goes on answering 1058). Reading there is right: it writes what it takes.
. "$PSScriptRoot\..\shared\Json.ps1"
. "$PSScriptRoot\..\windows\Programs.ps1"
. "$PSScriptRoot\..\windows\Registry.ps1"

[void][Reflection.Assembly]::LoadWithPartialName('System.ServiceProcess')

# SERVICE_BOOT_START .. SERVICE_DISABLED (winsvc.h). ServiceController.StartType is not in .NET 2.0.
$startTypeNames = @('Boot', 'System', 'Automatic', 'Manual', 'Disabled')

function Get-ServiceKey([string]$Name) { return 'SYSTEM\CurrentControlSet\Services\' + $Name }

function Get-ServiceStartType([string]$Name) {
  $number = Get-RegistryValue 'HKLM' (Get-ServiceKey $Name) 'Start' '64'
  if ($null -eq $number -or $number -gt 4) { return 'Manual' }
  $delayed = Get-RegistryValue 'HKLM' (Get-ServiceKey $Name) 'DelayedAutostart' '64'
  if ($number -eq 2 -and $null -ne $delayed -and $delayed -ne 0) { return 'AutomaticDelayed' }
  return $startTypeNames[$number]
}

# Every service that is no driver. A name with + in front of it in the list of what it needs is a group.
function Get-ServiceList {
  foreach ($service in [ServiceProcess.ServiceController]::GetServices()) {
    $name = $service.get_ServiceName()
    $needs = @(Get-RegistryValue 'HKLM' (Get-ServiceKey $name) 'DependOnService' '64' | ForEach-Object { $_ } | Where-Object { $null -ne $_ -and $_ -ne '' -and -not $_.StartsWith('+') })
    New-Record 'name' $name 'displayName' $service.get_DisplayName() 'startType' (Get-ServiceStartType $name) 'state' ([string]$service.get_Status()) 'dependsOn' $needs
    $service.Close()
  }
}

# Null when there is no such service (1060).
function Get-ServiceState([string]$Name) {
  $service = [Activator]::CreateInstance([ServiceProcess.ServiceController], [object[]]@($Name))
  try { return [string]$service.get_Status() } catch {
    $cause = $_.Exception.GetBaseException()
    if ($cause -is [ComponentModel.Win32Exception] -and $cause.NativeErrorCode -eq 1060) { return $null }
    throw
  } finally { $service.Close() }
}

# sc.exe calls ChangeServiceConfig. Throws with its words.
function Set-ServiceStartType([string]$Name, [string]$StartType) {
  $words = @{ 'Automatic' = 'auto'; 'AutomaticDelayed' = 'delayed-auto'; 'Manual' = 'demand'; 'Disabled' = 'disabled'; 'Boot' = 'boot'; 'System' = 'system' }
  if (-not $words.ContainsKey($StartType)) { throw ('no start type ' + $StartType) }
  $ended = Invoke-Program (Get-SystemProgram 'sc.exe') ('config "' + $Name + '" start= ' + $words[$StartType])
  if ($ended['exitCode'] -ne 0) { throw ('sc.exe config ' + $Name + ' start= ' + $words[$StartType] + ' ended with ' + $ended['exitCode'].ToString() + ': ' + $ended['output']) }
}

# Asks the service manager and comes back when it took the request.
function Start-ServiceNow([string]$Name) {
  $service = [Activator]::CreateInstance([ServiceProcess.ServiceController], [object[]]@($Name))
  try { $service.Start() } finally { $service.Close() }
}
