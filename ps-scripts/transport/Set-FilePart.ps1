# Runs in a session on the server: writes bytes at an offset of a file, cuts off what was behind them, gives the file's length. The first part,
# at 0, makes the file.
param([string]$Path, [byte[]]$Part, [string]$Offset)
$ErrorActionPreference = 'Stop'
# PowerShell runs on systems too that know no backslash in a path.
if ([IO.Path]::DirectorySeparatorChar -eq '/' -and $Path -match '^[A-Za-z]:\\') { $Path = $Path.Replace('\', '/') }
$mode = 'Open'
if ([long]$Offset -eq 0) { $mode = 'Create' }
$stream = [IO.File]::Open($Path, $mode, 'Write', 'None')
try {
  $stream.SetLength([long]$Offset)
  [void]$stream.Seek([long]$Offset, 'Begin')
  if ($null -ne $Part -and $Part.Length -gt 0) { $stream.Write($Part, 0, $Part.Length) }
  $stream.Length.ToString()
} finally { $stream.Close() }
