# Runs in a session on the server: the length of a file, then its SHA-256 in lower-case hex.
param([string]$Path)
$ErrorActionPreference = 'Stop'
# PowerShell runs on systems too that know no backslash in a path.
if ([IO.Path]::DirectorySeparatorChar -eq '/' -and $Path -match '^[A-Za-z]:\\') { $Path = $Path.Replace('\', '/') }
$stream = [IO.File]::Open($Path, 'Open', 'Read', 'ReadWrite, Delete')
try {
  $stream.Length.ToString()
  $hash = [Security.Cryptography.SHA256]::Create().ComputeHash($stream)
} finally { $stream.Close() }
[BitConverter]::ToString($hash).Replace('-', '').ToLower()
