# What Windows Installer has registered of a product and its patches, and which of its cached files are gone (exchange.md 4.1).
. "$PSScriptRoot\..\shared\WindowsCalls.ps1"

$installerData = 'SOFTWARE\Microsoft\Windows\CurrentVersion\Installer\UserData\S-1-5-18'
$installerClasses = 'SOFTWARE\Classes\Installer'

function Get-Reversed([string]$Text) {
  $chars = $Text.ToCharArray()
  [Array]::Reverse($chars)
  return [string]::Join('', [string[]]@($chars | ForEach-Object { [string]$_ }))
}

# {24B2C164-DE66-...} as registry keys name it: three groups reversed, then each byte's two characters swapped (exchange.md 4.3).
function ConvertTo-PackedGuid([string]$Guid) {
  $groups = $Guid.Trim('{', '}').ToUpper().Split('-')
  $packed = (Get-Reversed $groups[0]) + (Get-Reversed $groups[1]) + (Get-Reversed $groups[2])
  $rest = $groups[3] + $groups[4]
  for ($i = 0; $i -lt $rest.Length; $i += 2) { $packed += Get-Reversed $rest.Substring($i, 2) }
  return $packed
}

function ConvertFrom-PackedGuid([string]$Packed) {
  $rest = ''
  for ($i = 16; $i -lt 32; $i += 2) { $rest += Get-Reversed $Packed.Substring($i, 2) }
  $groups = @((Get-Reversed $Packed.Substring(0, 8)), (Get-Reversed $Packed.Substring(8, 4)), (Get-Reversed $Packed.Substring(12, 4)))
  $groups += @($rest.Substring(0, 4), $rest.Substring(4))
  return '{' + [string]::Join('-', [string[]]$groups).ToUpper() + '}'
}

function Get-ProductKey([string]$ProductCode) { return $installerData + '\Products\' + (ConvertTo-PackedGuid $ProductCode) }

# The patches of a product: code, displayName, packageName (as it came), localPackage (the cached copy's path; '' when nothing names one).
function Get-RegisteredPatch([string]$ProductCode) {
  $patches = (Get-ProductKey $ProductCode) + '\Patches'
  foreach ($packed in @(Get-RegistrySubkey 'HKLM' $patches '64')) {
    if ($packed -notmatch '^[0-9A-F]{32}$') { continue }
    New-Record 'code' (ConvertFrom-PackedGuid $packed) `
      'displayName' ([string](Get-RegistryValue 'HKLM' ($patches + '\' + $packed) 'DisplayName' '64')) `
      'packageName' ([string](Get-RegistryValue 'HKLM' ($installerClasses + '\Patches\' + $packed + '\SourceList') 'PackageName' '64')) `
      'localPackage' ([string](Get-RegistryValue 'HKLM' ($installerData + '\Patches\' + $packed) 'LocalPackage' '64'))
  }
}

# Path of the product's cached .msi; null when the registration cannot be read.
function Get-ProductPackage([string]$ProductCode) {
  return (Get-RegistryValue 'HKLM' ((Get-ProductKey $ProductCode) + '\InstallProperties') 'LocalPackage' '64')
}

function Get-TextOrNull($Text) {
  if ($null -eq $Text -or [string]$Text -eq '') { return $null }
  return [string]$Text
}

# The article's Return Value 3 case 3, seen before the install: what the registry names and the Installer folder does not have.
function Get-MissingCacheFile([string]$ProductCode) {
  foreach ($patch in @(Get-RegisteredPatch $ProductCode)) {
    if ($patch['localPackage'] -eq '' -or [IO.File]::Exists((Get-NativePath $patch['localPackage']))) { continue }
    New-Record 'kind' 'patch' `
      'path' $patch['localPackage'] `
      'code' $patch['code'] `
      'packageName' (Get-TextOrNull $patch['packageName']) `
      'displayName' (Get-TextOrNull $patch['displayName'])
  }
  $package = Get-ProductPackage $ProductCode
  if ($null -eq $package -or [IO.File]::Exists((Get-NativePath $package))) { return }
  $source = $installerClasses + '\Products\' + (ConvertTo-PackedGuid $ProductCode) + '\SourceList'
  New-Record 'kind' 'package' `
    'path' $package `
    'code' $ProductCode `
    'packageName' (Get-TextOrNull (Get-RegistryValue 'HKLM' $source 'PackageName' '64')) `
    'displayName' (Get-TextOrNull (Get-RegistryValue 'HKLM' ((Get-ProductKey $ProductCode) + '\InstallProperties') 'DisplayName' '64'))
}
