# Processes, Windows Installer, and whether its signature checks get an answer.
. "$PSScriptRoot\..\shared\Json.ps1"
. "$PSScriptRoot\..\windows\Programs.ps1"
. "$PSScriptRoot\..\windows\Registry.ps1"

function Get-OwnProcessId { return [Diagnostics.Process]::GetCurrentProcess().Id }

# When a process was started: tells it from a later one with its number. Null when there is none.
function Get-ProcessStart([int]$Id) {
  try { return [Diagnostics.Process]::GetProcessById($Id).get_StartTime().ToFileTimeUtc().ToString() } catch {
    $cause = $_.Exception.GetBaseException()
    # Not running; or it ended between the two questions.
    if ($cause -is [ArgumentException] -or $cause -is [InvalidOperationException]) { return $null }
    throw
  }
}

# /quiet: a dialog in session 0 would wait for ever. /norestart: else it restarts without asking (exchange.md 0, fact 6).
function Start-Installer([string]$PackagePath, [string]$LogPath, [string]$LogSwitch) {
  $words = '/p "' + $PackagePath + '" /quiet /norestart ' + $LogSwitch + ' "' + $LogPath + '"'
  $start = [Activator]::CreateInstance([Diagnostics.ProcessStartInfo], [object[]]@((Get-SystemProgram 'msiexec.exe'), $words))
  $start.UseShellExecute = $false
  $start.CreateNoWindow = $true
  $process = [Diagnostics.Process]::Start($start)
  return (New-Record 'id' $process.Id 'start' (Get-ProcessStart $process.Id) 'process' $process)
}

# Null while it runs, else its exit code. Keep the very record that Start-Installer gave: only its handle knows the code.
function Wait-Installer($Installer, [long]$Milliseconds) {
  if (-not $Installer['process'].WaitForExit([int]$Milliseconds)) { return $null }
  return [long]$Installer['process'].get_ExitCode()
}

# Ends the msiexec that was started here, if it is still that one; the service then rolls back. The service itself is never ended.
function Stop-Installer([int]$Id, [string]$Start) {
  if ((Get-ProcessStart $Id) -cne $Start) { return }
  [Diagnostics.Process]::GetProcessById($Id).Kill()
}

# The mutex is there while a transaction goes on; it is only looked at, for whoever holds it keeps the installer out (1618).
function Test-InstallerMutex {
  try {
    [Threading.Mutex]::OpenExisting('Global\_MSIExecute').Close()
    return $true
  } catch {
    $cause = $_.Exception.GetBaseException()
    if ($cause -is [Threading.WaitHandleCannotBeOpenedException]) { return $false }
    if ($cause -is [UnauthorizedAccessException]) { return $true }
    throw
  }
}

function Test-InstallerInProgress { return (Test-RegistryKey 'HKLM' 'SOFTWARE\Microsoft\Windows\CurrentVersion\Installer\InProgress' '64') }

# Asks as the installer will: CryptoAPI, this account, the signer of that file, revocation lists fetched now. Null when nothing can be said.
function Test-CrlReach([string]$Path) {
  if (-not [IO.File]::Exists($Path)) { return (New-Record 'reachable' $null 'detail' ($Path + ' is not there, so its signer could not be checked')) }
  try { $signer = [Security.Cryptography.X509Certificates.X509Certificate]::CreateFromSignedFile($Path) }
  catch { return (New-Record 'reachable' $null 'detail' ($Path + ' has no signature that could be read: ' + $_.Exception.GetBaseException().Message.Trim())) }
  $chain = [Activator]::CreateInstance([Security.Cryptography.X509Certificates.X509Chain])
  $chain.ChainPolicy.RevocationMode = [Security.Cryptography.X509Certificates.X509RevocationMode]::Online
  $chain.ChainPolicy.UrlRetrievalTimeout = [TimeSpan]::FromSeconds(15)
  [void]$chain.Build([Activator]::CreateInstance([Security.Cryptography.X509Certificates.X509Certificate2], [object[]]@($signer)))
  foreach ($status in $chain.ChainStatus) {
    if (@('RevocationStatusUnknown', 'OfflineRevocation') -contains [string]$status.Status) { return (New-Record 'reachable' $false 'detail' $status.StatusInformation.Trim()) }
  }
  return (New-Record 'reachable' $true 'detail' 'the signer was checked against its revocation list')
}
