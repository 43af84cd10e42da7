# The state folder: exroll under CommonApplicationData, for Administrators and SYSTEM only, because what lies there runs as SYSTEM.
#   packages\<first 8 of sha256>\<name>   stays: Windows Installer remembers folder and name; deleting it would make the article's case 3
#   armed                                 names the run whose guard is armed
#   runs\<run>\                           snapshot, changes, journal.ndjson, lease, job.*, guard.ps1, the verbose log
. "$PSScriptRoot\..\shared\Answer.ps1"
. "$PSScriptRoot\..\shared\WindowsCalls.ps1"

# NT AUTHORITY\SYSTEM (well-known SIDs).
$systemSid = 'S-1-5-18'

function Get-StateFolder { return [IO.Path]::Combine((Get-CommonDataFolder), 'exroll') }

function Get-RunFolder([string]$Run) {
  if ($Run -cnotmatch '^[A-Za-z0-9][A-Za-z0-9._-]{0,79}\z' -or $Run.Contains('..')) {
    Stop-Call 'RUN_NAME' ('"' + $Run + '" is no name of a run') ''
  }
  return [IO.Path]::Combine([IO.Path]::Combine((Get-StateFolder), 'runs'), $Run)
}

function Get-RunFile([string]$Run, [string]$Name) { return [IO.Path]::Combine((Get-RunFolder $Run), $Name) }
# Somebody may take it away under a run that still goes on.
function Confirm-RunFolder([string]$Run) {
  $folder = Get-RunFolder $Run
  if ([IO.Directory]::Exists($folder)) { return }
  Stop-Call 'NO_RUN' ('the folder of run ' + $Run + ' is gone from ' + (Get-ComputerName)) `
    'It was removed while the run went on. Restart the server by hand, then go on with exroll resume.'
}

function Get-ArmedFile { return [IO.Path]::Combine((Get-StateFolder), 'armed') }

function Stop-UnsafeFolder([string]$Folder, [string]$Fault) {
  Stop-Call 'STATE_FOLDER_UNSAFE' ($Folder + ' cannot be trusted: ' + $Fault) 'Look at who made it. Move it away or take it over, then run again.'
}

# Under another name until its access list is right: a call that is cut leaves no folder that others may write to. Whoever put something
# into it before that may still have it open.
function New-ProtectedFolder([string]$Folder) {
  $made = Get-TemporaryName $Folder
  [void][IO.Directory]::CreateDirectory($made)
  Protect-Folder $made
  if (@([IO.Directory]::GetFileSystemEntries($made)).Length -gt 0) { Stop-UnsafeFolder $made 'something was put into it while it was made' }
  try { [IO.Directory]::Move($made, $Folder) } catch {
    [IO.Directory]::Delete($made)
    if (-not [IO.Directory]::Exists($Folder)) { throw }
  }
}

# Makes the folder with its access list, or checks the one that is there: somebody else may have made it first.
function Initialize-StateFolder {
  $folder = Get-StateFolder
  if (-not [IO.Directory]::Exists($folder)) { New-ProtectedFolder $folder }
  $fault = Get-FolderFault $folder
  if ($fault -ne '') { Stop-UnsafeFolder $folder $fault }
}

function Initialize-RunFolder([string]$Run) {
  $folder = Get-RunFolder $Run
  Initialize-StateFolder
  [void][IO.Directory]::CreateDirectory($folder)
}

# Full path of a package. No `;`: it separates patches for msiexec /p.
function Get-PackageFile([string]$Name, [string]$Sha256) {
  if ($Name -notmatch '^[^\\/:*?"<>|;]+\.msp\z' -or $Sha256 -cnotmatch '^[0-9a-f]{64}\z') {
    Stop-Call 'PACKAGE_NAME' ('"' + $Name + '" is no name of a package') ''
  }
  $folder = [IO.Path]::Combine([IO.Path]::Combine((Get-StateFolder), 'packages'), $Sha256.Substring(0, 8))
  return [IO.Path]::Combine($folder, $Name)
}

# Until its hash is known to be right the package has another name.
function Get-UploadFile([string]$Path) { return $Path + '.part' }

function Test-FileSha256([string]$Path, [string]$Sha256) {
  return ([IO.File]::Exists($Path) -and (Get-FileSha256 $Path) -ceq $Sha256)
}

function Get-Sha256([byte[]]$Bytes) {
  $hash = [Security.Cryptography.SHA256]::Create().ComputeHash($Bytes)
  return [BitConverter]::ToString($hash).Replace('-', '').ToLower()
}

function Get-FileSha256([string]$Path) {
  $stream = [IO.File]::Open($Path, 'Open', 'Read', 'ReadWrite')
  try { $hash = [Security.Cryptography.SHA256]::Create().ComputeHash($stream) } finally { $stream.Close() }
  return [BitConverter]::ToString($hash).Replace('-', '').ToLower()
}

# Whole, or not there: a full disk leaves nothing behind.
function Write-NewFile([string]$Path, [byte[]]$Bytes) {
  $how = [object[]]@($Path, [IO.FileMode]::CreateNew, [IO.FileAccess]::Write, [IO.FileShare]::None, 4096, [IO.FileOptions]::WriteThrough)
  $stream = [Activator]::CreateInstance([IO.FileStream], $how)
  $whole = $false
  try {
    try { $stream.Write($Bytes, 0, $Bytes.Length); $stream.Flush(); $whole = $true } finally { $stream.Close() }
  } finally { if (-not $whole) { [IO.File]::Delete($Path) } }
}

function Get-TemporaryName([string]$Path) { return $Path + '.' + [Guid]::NewGuid().ToString('N') + '.tmp' }

# True when this call made the file; false when it was there. Whole or not at all.
function New-StateFile([string]$Path, [string]$Text) {
  if ([IO.File]::Exists($Path)) { return $false }
  $temporary = Get-TemporaryName $Path
  Write-NewFile $temporary ([Text.Encoding]::UTF8.GetBytes($Text))
  try { [IO.File]::Move($temporary, $Path) } catch {
    [IO.File]::Delete($temporary)
    if (-not [IO.File]::Exists($Path)) { throw }
    return $false
  }
  return $true
}

# Somebody else has the file open: that passes. A right that is missing does not, though it may have such a fault inside.
function Test-FileBusy($Problem) {
  for ($cause = $Problem.Exception; $null -ne $cause; $cause = $cause.InnerException) {
    if ($cause -is [UnauthorizedAccessException]) { return $false }
    if ($cause -is [IO.IOException]) { return $true }
  }
  return $false
}

# Replaces the file: its readers see the old text or the new one. A virus scanner, or another call of the run, may have it open for
# a moment.
function Set-StateFile([string]$Path, [string]$Text) {
  if (New-StateFile $Path $Text) { return }
  $temporary = Get-TemporaryName $Path
  Write-NewFile $temporary ([Text.Encoding]::UTF8.GetBytes($Text))
  $former = $temporary + '.old'
  for ($try = 0; ; $try++) {
    try { [IO.File]::Replace($temporary, $Path, $former); break } catch {
      if ($try -ge 40 -or -not (Test-FileBusy $_)) { [IO.File]::Delete($temporary); throw }
      [Threading.Thread]::Sleep(50)
    }
  }
  [IO.File]::Delete($former)
}

# Overwrites in place a file of the same length: on a full disk nothing else can be written.
function Set-ReservedText([string]$Path, [string]$Text) {
  $bytes = [Text.Encoding]::UTF8.GetBytes($Text)
  $stream = [IO.File]::Open($Path, 'Open', 'Write', 'Read')
  try { $stream.Write($bytes, 0, $bytes.Length); $stream.Flush() } finally { $stream.Close() }
}

# The file's text, also while somebody writes it; null when it is not there.
function Get-StateText([string]$Path) {
  if (-not [IO.File]::Exists($Path)) { return $null }
  $stream = [IO.File]::Open($Path, 'Open', 'Read', 'ReadWrite, Delete')
  try {
    $reader = [Activator]::CreateInstance([IO.StreamReader], [object[]]@([IO.Stream]$stream, [Text.Encoding]::UTF8))
    return $reader.ReadToEnd()
  } finally { $stream.Close() }
}

function Get-StateLine([string]$Path) {
  $text = Get-StateText $Path
  if ($null -eq $text) { return @() }
  return @($text.Split([char]10) | Where-Object { $_ -ne '' })
}

# Opens for appending, alone: job, guard and calls write to one file, and whoever comes second waits. The caller closes it.
function Open-Appending([string]$Path) {
  $how = [object[]]@($Path, [IO.FileMode]::OpenOrCreate, [IO.FileAccess]::ReadWrite, [IO.FileShare]::Read, 4096, [IO.FileOptions]::WriteThrough)
  for ($try = 0; ; $try++) {
    try { return [Activator]::CreateInstance([IO.FileStream], $how) }
    catch {
      if ($try -ge 100 -or -not (Test-FileBusy $_)) { throw }
      [Threading.Thread]::Sleep(50)
    }
  }
}

# Adds one line; a line that a crash left without its end is ended first. The line may need what stood before it.
function Add-StateLine([string]$Path, [scriptblock]$MakeLine) {
  $stream = Open-Appending $Path
  try {
    $reader = [Activator]::CreateInstance([IO.StreamReader], [object[]]@([IO.Stream]$stream, [Text.Encoding]::UTF8))
    $before = $reader.ReadToEnd()
    $line = (& $MakeLine $before) + "`n"
    if ($before -ne '' -and -not $before.EndsWith("`n")) { $line = "`n" + $line }
    $bytes = [Text.Encoding]::UTF8.GetBytes($line)
    [void]$stream.Seek(0, 'End')
    $stream.Write($bytes, 0, $bytes.Length)
    $stream.Flush()
  } finally { $stream.Close() }
}

# One field of a line: - for null, n:1 for numbers, s:text for text, with no blank inside.
function ConvertTo-Field($Value) {
  if ($null -eq $Value) { return '-' }
  if ($Value -is [int] -or $Value -is [long]) { return 'n:' + ([long]$Value).ToString() }
  return 's:' + [Uri]::EscapeDataString([string]$Value)
}

function ConvertFrom-Field([string]$Field) {
  if ($Field -ceq '-') { return $null }
  if ($Field.StartsWith('n:')) { return [long]$Field.Substring(2) }
  if ($Field.StartsWith('s:')) { return [Uri]::UnescapeDataString($Field.Substring(2)) }
  throw ('damaged field ' + $Field)
}

function Get-ArmedRun {
  $text = Get-StateText (Get-ArmedFile)
  if ($null -eq $text) { return $null }
  return $text.Trim()
}
