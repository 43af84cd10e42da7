param(
  [string]$Run = '',
  [string]$JobScript = '',
  [string]$JobSha256 = '',
  [string]$PackagePath = '',
  [string]$PackageSha256 = '',
  [string]$LogName = '',
  [string]$LogSwitch = '',
  [string]$CrlCheck = '',
  [string]$ServerCertificateRevocation = '',
  [string]$ExecutionPolicy = '',
  [string]$After = '',
  [long]$BusyMinutes = 0,
  [long]$ServiceTimeoutSeconds = 0
)
$ErrorActionPreference = 'Stop'
