param(
  [string]$Name = '',
  [string]$Sha256 = ''
)
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot\..\shared\State.ps1"

Invoke-PrivilegedAnswer 'Initialize-Package' {
  $path = Get-PackageFile $Name $Sha256
  Initialize-StateFolder
  [void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($path))
  New-Record 'present' (Test-FileSha256 $path $Sha256) 'uploadPath' (Get-UploadFile $path) 'path' $path
}
