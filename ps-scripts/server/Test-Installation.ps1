param(
  [string]$Run = '',
  [string]$ExpectedBuild = '',
  [string]$PatchCode = ''
)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot\..\shared\Restore.ps1"
. "$PSScriptRoot\..\shared\Exchange.ps1"
. "$PSScriptRoot\..\shared\InstallerRegistration.ps1"

# What UpdateCas.ps1 says when it failed; it then exits as if nothing had (exchange.md 0 fact 5, 6.2).
$owaFailure = '^(?:\[\d\d:\d\d:\d\d\] )?(?:Error updating OWA/ECP:|.*\bAborting\.$|.*no OWA web\.config is found|FixUnversionedFolderAfterUpgrade failed:)'

# The kinds of settings, as a snapshot has them and as changes are named.
$settingKinds = @(
  @('crl', 'crl'),
  @('serverCertificateRevocation', 'server-certificate-revocation'),
  @('executionPolicy', 'execution-policy'),
  @('installerLogging', 'installer-logging')
)

function Get-KindValue($Settings, [string]$Kind, [string]$Scope) {
  if ($null -eq $Settings[$Kind]) { return $null }
  return $Settings[$Kind][$Scope]
}

# The scopes of a kind that can be compared: of an account that is not mounted nothing is known now.
function Get-ComparedScope([string]$Kind, $Before, $Now) {
  if ($null -eq $Before[$Kind]) { return @('logging', 'debug') }
  $perAccount = ($Kind -ceq 'crl' -or $Kind -ceq 'serverCertificateRevocation')
  foreach ($scope in $Before[$Kind].Keys) {
    if ($perAccount -and -not $Now[$Kind].Contains($scope)) { continue }
    if (@('UserPolicy', 'CurrentUser') -contains $scope -and $Now['crl'].Keys.Count -eq 0) { continue }
    $scope
  }
}

# From = snapshot, to = now.
function Get-SettingDifference($Before, $Now) {
  foreach ($kind in $settingKinds) {
    foreach ($scope in @(Get-ComparedScope $kind[0] $Before $Now)) {
      $was = Get-KindValue $Before $kind[0] $scope
      $is = Get-KindValue $Now $kind[0] $scope
      if (-not (Test-SameValue $was $is)) { New-SettingChange $kind[1] $scope $was $is }
    }
  }
}

function Get-Difference($Snapshot) {
  Get-SettingDifference $Snapshot['settings'] (Get-SettingsFact @($Snapshot['settings']['crl'].Keys))
  foreach ($change in @(Get-StartTypeDifference $Snapshot)) { New-SettingChange 'start-type' $change['scope'] $change['to'] $change['from'] }
}

# Lines of this attempt: where it began was written down when the job was started.
function Get-OwaError($Exchange) {
  $path = Get-UpdateCasLog
  if ($null -eq $Exchange -or $Exchange['roles'] -notcontains 'cas' -or -not [IO.File]::Exists($path)) { return }
  $began = [long]0
  $text = Get-StateText (Get-RunFile $Run 'job.update-cas-bytes')
  if ($null -ne $text) { $began = [long]$text.Trim() }
  $stream = [IO.File]::Open($path, 'Open', 'Read', 'ReadWrite, Delete')
  try {
    if ($began -gt $stream.Length) { $began = [long]0 }
    [void]$stream.Seek($began, 'Begin')
    $log = [Activator]::CreateInstance([IO.StreamReader], [object[]]@([IO.Stream]$stream, [Text.Encoding]::UTF8)).ReadToEnd()
  } finally { $stream.Close() }
  foreach ($line in $log.Split([char]10)) {
    $line = $line.TrimEnd([char]13)
    if ($line -cmatch $owaFailure) { $line }
  }
}

function Test-PatchRegistered($Exchange) {
  if ($null -eq $Exchange) { return $false }
  return (@(Get-RegisteredPatch $Exchange['productCode'] | Where-Object { $_['code'] -eq $PatchCode }).Length -gt 0)
}

Invoke-Answer {
  $snapshot = Get-Snapshot $Run
  $exchange = Get-InstalledExchange
  $build = $null
  if ($null -ne $exchange) { $build = $exchange['build'] }
  New-Record 'build' $build `
    'patchRegistered' (Test-PatchRegistered $exchange) `
    'services' (Get-ServiceSummary $snapshot) `
    'differing' @(Get-Difference $snapshot) `
    'owaErrors' @(Get-OwaError $exchange)
}
