# Runs in a session on the server: gives a file in base64 pieces, also while somebody writes it.
param([string]$Path)
$ErrorActionPreference = 'Stop'
# PowerShell runs on systems too that know no backslash in a path.
if ([IO.Path]::DirectorySeparatorChar -eq '/' -and $Path -match '^[A-Za-z]:\\') { $Path = $Path.Replace('\', '/') }
$stream = [IO.File]::Open($Path, 'Open', 'Read', 'ReadWrite, Delete')
try {
  $buffer = [Array]::CreateInstance([byte], 262144)
  while ($true) {
    $count = $stream.Read($buffer, 0, $buffer.Length)
    if ($count -le 0) { break }
    [Convert]::ToBase64String($buffer, 0, $count)
  }
} finally { $stream.Close() }
