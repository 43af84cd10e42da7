# The Exchange that is installed: setup keys and role keys of exchange.md 2.4 and 2.6, newest generation first.
. "$PSScriptRoot\..\shared\WindowsCalls.ps1"

$exchangeKeys = @(
  @('SOFTWARE\Microsoft\ExchangeServer\v15\Setup', 'SOFTWARE\Microsoft\ExchangeServer\v15'),
  @('SOFTWARE\Microsoft\ExchangeServer\v14\Setup', 'SOFTWARE\Microsoft\ExchangeServer\v14'),
  @('SOFTWARE\Microsoft\Exchange\Setup', 'SOFTWARE\Microsoft\Exchange\v8.0'),
  @('SOFTWARE\Microsoft\Exchange\v8.0\Setup', 'SOFTWARE\Microsoft\Exchange\v8.0')
)

# exroll's word and the role keys that mean it; 15.0 calls the front end Cafe and FrontendTransportRole.
$exchangeRoles = @(
  @('edge', 'EdgeTransportRole', 'GatewayRole'),
  @('cas', 'ClientAccessRole', 'Cafe'),
  @('hub', 'HubTransportRole', 'BridgeheadRole'),
  @('um', 'UnifiedMessagingRole'),
  @('mailbox', 'MailboxRole')
)

# Where Exchange set-up wrote itself down: setup key, parent of the role keys, registry view. Nothing when it did not.
function Get-ExchangePlace {
  $views = @('64')
  if (Test-64BitWindows) { $views += '32' }
  foreach ($view in $views) {
    foreach ($keys in $exchangeKeys) {
      $path = Get-RegistryValue 'HKLM' $keys[0] 'MsiInstallPath' $view
      if ($null -ne $path) { return (New-Record 'path' ([string]$path) 'roles' $keys[1] 'view' $view) }
    }
  }
}

function Get-ExchangeRole($Place) {
  foreach ($role in $exchangeRoles) {
    for ($i = 1; $i -lt $role.Length; $i++) {
      if (Test-RegistryKey 'HKLM' ($Place['roles'] + '\' + $role[$i]) $Place['view']) { $role[0]; break }
    }
  }
}

# 15.2 is Exchange 2019 up to 15.2.2562, where the Subscription Edition begins (exchange.md 2.8).
function Get-ExchangeGeneration([version]$Build) {
  if ($Build.Major -eq 8) { return '2007' }
  if ($Build.Major -eq 14) { return '2010' }
  if ($Build.Major -ne 15) { return $Build.Major.ToString() }
  if ($Build.Minor -eq 0) { return '2013' }
  if ($Build.Minor -eq 1) { return '2016' }
  if ($Build.Build -ge 2562) { return 'SE' }
  return '2019'
}

# One code for all service packs; two generations share one (exchange.md 2.6).
function Get-ExchangeProductCode([version]$Build) {
  if ($Build.Major -eq 8) { return '{24B2C164-DE66-44FE-B468-A46D9D5E6B31}' }
  if ($Build.Major -eq 14 -or ($Build.Major -eq 15 -and $Build.Minor -eq 0)) { return '{4934D1EA-BE46-48B1-8847-F1AF20E892C1}' }
  return '{CD981244-E9B8-405A-9026-6AEB9DCEF1F1}'
}

# Null when Exchange is not installed. The build is ExSetup.exe's file version: nothing else moves with a rollup (exchange.md 2.6).
function Get-InstalledExchange {
  $place = Get-ExchangePlace
  if ($null -eq $place) { return $null }
  $program = [IO.Path]::Combine([IO.Path]::Combine((Get-NativePath $place['path']), 'Bin'), 'ExSetup.exe')
  $build = Get-FileVersion $program
  if ($null -eq $build) { return $null }
  $architecture = Get-FileArchitecture $program
  if ($null -eq $architecture) {
    # A program without machine code of its own says nothing: then the side of the registry it was set up on does.
    $architecture = 'x86'
    if ($place['view'] -ceq '64' -and (Test-64BitWindows)) { $architecture = 'x64' }
  }
  return (New-Record 'generation' (Get-ExchangeGeneration ([version]$build)) 'installPath' $place['path'] 'build' $build 'architecture' $architecture `
      'productCode' (Get-ExchangeProductCode ([version]$build)) 'roles' @(Get-ExchangeRole $place))
}

# Where Exchange's own scripts log (exchange.md 2.4).
function Get-SetupLogFolder { return [IO.Path]::Combine((Get-SystemDriveFolder), 'ExchangeSetupLogs') }
function Get-UpdateCasLog { return [IO.Path]::Combine((Get-SetupLogFolder), 'UpdateCas.log') }

# Service*.xml lies there only until a patch has given the services back (exchange.md 0, fact 2).
function Get-LeftoverStateFile {
  $folder = Get-SetupLogFolder
  if (-not [IO.Directory]::Exists($folder)) { return }
  foreach ($file in [IO.Directory]::GetFiles($folder)) {
    if ([IO.Path]::GetFileName($file) -match '^Service.*\.xml\z') { $file }
  }
}
