param(
  [string]$Name = '',
  [string]$Sha256 = ''
)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot\..\shared\State.ps1"

Invoke-PrivilegedAnswer 'Complete-Package' {
  $path = Get-PackageFile $Name $Sha256
  $upload = Get-UploadFile $path
  Initialize-StateFolder
  if (-not [IO.File]::Exists($upload)) {
    if (Test-FileSha256 $path $Sha256) { return (New-Record 'path' $path 'sha256' $Sha256) }
    Stop-Call 'PACKAGE_MISSING' ($upload + ' is not there') 'Run again: the package is sent again.'
  }
  $arrived = Get-FileSha256 $upload
  if ($arrived -cne $Sha256) {
    [IO.File]::Delete($upload)
    Stop-Call 'PACKAGE_DAMAGED' ($Name + ' arrived with SHA-256 ' + $arrived + ', expected ' + $Sha256) 'It is sent again.'
  }
  [IO.File]::Delete($path)
  [IO.File]::Move($upload, $path)
  New-Record 'path' $path 'sha256' $arrived
}
