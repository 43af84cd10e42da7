# Folders that Windows names, what files say of themselves, and who may write where.
. "$PSScriptRoot\..\shared\Json.ps1"
. "$PSScriptRoot\..\windows\Programs.ps1"
. "$PSScriptRoot\..\windows\Refusal.ps1"
. "$PSScriptRoot\..\windows\Registry.ps1"

# %ProgramData% is missing on Windows 2003.
function Get-CommonDataFolder { return [Environment]::GetFolderPath('CommonApplicationData') }
function Get-SystemDriveFolder { return [IO.Path]::GetPathRoot([Environment]::SystemDirectory) }
function Get-WindowsFolder { return [IO.Path]::GetDirectoryName([Environment]::SystemDirectory) }

# A path of Windows as file calls here take it.
function Get-NativePath([string]$Path) { return $Path }

function Get-FreeBytes([string]$Path) {
  $drive = [Activator]::CreateInstance([IO.DriveInfo], [object[]]@([IO.Path]::GetPathRoot($Path)))
  return [long]$drive.AvailableFreeSpace
}

# Null when the file is not there.
function Get-FileVersion([string]$Path) {
  if (-not [IO.File]::Exists($Path)) { return $null }
  $info = [Diagnostics.FileVersionInfo]::GetVersionInfo($Path)
  return [string]::Join('.', @($info.FileMajorPart.ToString(), $info.FileMinorPart.ToString(), $info.FileBuildPart.ToString(), $info.FilePrivatePart.ToString()))
}

# x64 or x86; null when the file is not there. A managed program for any processor is what its Windows is.
function Get-FileArchitecture([string]$Path) {
  if (-not [IO.File]::Exists($Path)) { return $null }
  $managed = 'None'
  try { $managed = [string][Reflection.AssemblyName]::GetAssemblyName($Path).ProcessorArchitecture }
  catch {
    # A program that is not managed: the first is what .NET 2.0 says of it, the second what later ones say.
    $cause = $_.Exception.GetBaseException()
    if ($cause -isnot [BadImageFormatException] -and $cause -isnot [InvalidOperationException]) { throw }
  }
  if ($managed -ceq 'X86') { return 'x86' }
  if ($managed -ceq 'MSIL') { if (Test-64BitWindows) { return 'x64' } else { return 'x86' } }
  if ($managed -cne 'None') { return 'x64' }
  if ((Get-ImageMachine $Path) -eq 0x14c) { return 'x86' }
  return 'x64'
}

# Machine of the COFF header, which stands 4 bytes after the offset at 0x3C (PE format, "COFF file header").
function Get-ImageMachine([string]$Path) {
  $stream = [IO.File]::Open($Path, 'Open', 'Read', 'ReadWrite, Delete')
  try {
    $reader = [Activator]::CreateInstance([IO.BinaryReader], [object[]]@([IO.Stream]$stream))
    [void]$stream.Seek(0x3C, 'Begin')
    [void]$stream.Seek($reader.ReadInt32() + 4, 'Begin')
    return [long]$reader.ReadUInt16()
  } finally { $stream.Close() }
}

# Who this process is for other computers: SYSTEM is the computer itself there.
function Get-NetworkAccount {
  $logon = Get-Logon
  if ($logon['sid'] -cne 'S-1-5-18') { return $logon['user'] }
  return [Environment]::UserDomainName + '\' + (Get-ComputerName) + '$'
}

# Copies a file of another computer, as the account that this process runs as, over what stands at $To. `result` is 0, or why it could not be
# read, as an HRESULT without a sign. What cannot be written is thrown.
function Copy-SharedFile([string]$From, [string]$To) {
  $account = Get-NetworkAccount
  $buffer = [Array]::CreateInstance([byte], 1048576)
  $bytes = [long]0
  $source = $null
  $target = [IO.File]::Open($To, 'Create', 'Write', 'Read')
  try {
    while ($true) {
      try {
        if ($null -eq $source) { $source = [IO.File]::Open($From, 'Open', 'Read', 'Read') }
        $count = $source.Read($buffer, 0, $buffer.Length)
      } catch {
        $refusal = New-Refusal $_
        return (New-Record 'account' $account 'bytes' $bytes 'result' $refusal['result'] 'text' $refusal['text'])
      }
      if ($count -eq 0) { break }
      $target.Write($buffer, 0, $count)
      $bytes += $count
    }
  } finally {
    $target.Close()
    if ($null -ne $source) { $source.Close() }
  }
  return (New-Record 'account' $account 'bytes' $bytes 'result' ([long]0) 'text' '')
}

# Administrators and SYSTEM, everything; nobody else, nothing inherited. SIDs: their names differ from language to language.
function Protect-Folder([string]$Path) {
  $quoted = '"' + $Path + '"'
  if ((Get-OsVersion).Major -ge 6) {
    $steps = @(($quoted + ' /setowner *S-1-5-32-544'), ($quoted + ' /inheritance:r /grant:r *S-1-5-32-544:(OI)(CI)F *S-1-5-18:(OI)(CI)F'))
    $program = 'icacls.exe'
  } else {
    # icacls of Windows 2003 cannot stop inheritance.
    $steps = @($quoted + ' /S:D:PAI(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)')
    $program = 'cacls.exe'
  }
  foreach ($words in $steps) {
    $ended = Invoke-Program (Get-SystemProgram $program) $words
    if ($ended['exitCode'] -ne 0) { throw ($program + ' ' + $Path + ': ' + $ended['output']) }
  }
}

# Rights that let somebody change what lies in a folder: write data, append, write attributes, delete, change the list or the owner
# (winnt.h: FILE_WRITE_DATA .. WRITE_OWNER, GENERIC_WRITE, GENERIC_ALL).
$changingRights = 0x500D0156

# With User Account Control an administrator has a second token without the group, and what the account by name may change, every program
# of that logon may. A full token there makes the group the owner of what it creates. Windows 2003 has one token, and as a policy can have
# it ("default owner for objects created by members of the Administrators group"), the account is the owner.
function Test-AccountControl {
  if ((Get-OsVersion).Major -lt 6) { return $false }
  return ((Get-RegistryValue 'HKLM' 'SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System' 'EnableLUA' '64') -ne 0)
}

# '' when only Administrators and SYSTEM own and may change the folder and it is no link to another; else what is wrong with it. Where an
# account has one token only, the administrator who asks is one of them by name too.
function Get-FolderFault([string]$Path) {
  if (([IO.File]::GetAttributes($Path) -band [IO.FileAttributes]::ReparsePoint) -ne 0) { return 'it is a link to another folder' }
  $sections = [Security.AccessControl.AccessControlSections]'Access, Owner'
  $list = [Activator]::CreateInstance([Security.AccessControl.DirectorySecurity], [object[]]@($Path, $sections))
  $trusted = @('S-1-5-32-544', 'S-1-5-18')
  $logon = Get-Logon
  if ($logon['elevated'] -and -not (Test-AccountControl)) { $trusted += $logon['sid'] }
  foreach ($rule in $list.GetAccessRules($true, $true, [Security.Principal.SecurityIdentifier])) {
    if ($rule.AccessControlType -ne [Security.AccessControl.AccessControlType]::Allow) { continue }
    if ($trusted -contains $rule.IdentityReference.Value) { continue }
    if (([int]$rule.FileSystemRights -band $changingRights) -ne 0) { return ($rule.IdentityReference.Value + ' may change it') }
  }
  # An owner may give itself any right.
  $owner = $list.GetOwner([Security.Principal.SecurityIdentifier]).Value
  if ($trusted -notcontains $owner) { return ('its owner is ' + $owner) }
  return ''
}
