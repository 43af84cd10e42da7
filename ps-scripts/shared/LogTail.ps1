# What is new in a verbose log that Windows Installer is writing: UTF-16LE with a byte order mark; without one, one byte a character.
. "$PSScriptRoot\..\shared\Json.ps1"

# Lines that one look shows at most.
$mostTailLines = 40
# How far back the last `Action start` is looked for when the new part of the log has none.
$lookBackBytes = 131072
$tailChunkBytes = 1048576

# Bytes a character takes, and the encoding, from the file's first two bytes.
function Get-LogEncoding($Stream) {
  $mark = [byte[]]@(0, 0)
  [void]$Stream.Seek(0, 'Begin')
  if ($Stream.Read($mark, 0, 2) -eq 2 -and $mark[0] -eq 0xFF -and $mark[1] -eq 0xFE) { return (New-Record 'width' 2 'encoding' ([Text.Encoding]::Unicode)) }
  return (New-Record 'width' 1 'encoding' ([Text.Encoding]::GetEncoding(28591)))
}

# Name of the last action that began in a text: `Action start 16:40:52: InstallFiles.` Null when none did.
function Get-LastAction([string]$Text) {
  $at = $Text.Length
  while ($at -gt 0) {
    $at = $Text.LastIndexOf('Action start ', $at - 1, [StringComparison]::Ordinal)
    if ($at -lt 0) { return $null }
    $line = $Text.Substring($at, [Math]::Min(200, $Text.Length - $at))
    if ($line -cmatch '^Action start \d{1,2}:\d\d:\d\d: ([^\r\n]+?)\.?\r?\n') { return $matches[1] }
  }
  return $null
}

function Get-TextBefore($Stream, $Encoding, [long]$Offset) {
  $start = [Math]::Max([long]0, $Offset - $lookBackBytes)
  if ($Encoding['width'] -eq 2) { $start = $start - ($start % 2) }
  $bytes = [Array]::CreateInstance([byte], [int]($Offset - $start))
  [void]$Stream.Seek($start, 'Begin')
  $read = $Stream.Read($bytes, 0, $bytes.Length)
  return $Encoding['encoding'].GetString($bytes, 0, $read)
}

# The log from a byte and a line on: bytes, offset and line to go on from, the newest whole lines, the last action. A log that is
# shorter than what was read of it has begun anew.
function Read-LogTail([string]$Path, [long]$Offset, [long]$Line) {
  $stream = [IO.File]::Open($Path, 'Open', 'Read', 'ReadWrite, Delete')
  try {
    $bytes = [long]$stream.Length
    if ($Offset -gt $bytes) { $Offset = 0; $Line = 0 }
    $encoding = Get-LogEncoding $stream
    $decoder = $encoding['encoding'].GetDecoder()
    $buffer = [Array]::CreateInstance([byte], $tailChunkBytes)
    $chars = [Array]::CreateInstance([char], $tailChunkBytes)
    $tail = [Activator]::CreateInstance([Collections.ArrayList])
    $action = $null
    $pending = ''
    $at = $Offset
    [void]$stream.Seek($Offset, 'Begin')
    while ($at -lt $bytes) {
      $read = $stream.Read($buffer, 0, [int][Math]::Min([long]$tailChunkBytes, $bytes - $at))
      if ($read -eq 0) { break }
      $at += $read
      $text = $pending + [Activator]::CreateInstance([string], [object[]]@($chars, 0, $decoder.GetChars($buffer, 0, $read, $chars, 0)))
      $end = $text.LastIndexOf([char]10) + 1
      $pending = $text.Substring($end)
      if ($end -eq 0) { continue }
      $whole = $text.Substring(0, $end)
      $lines = $whole.Split([char]10)
      $count = $lines.Length - 1
      for ($i = [Math]::Max(0, $count - $mostTailLines); $i -lt $count; $i++) {
        [void]$tail.Add((New-Record 'line' ([long]($Line + $i + 1)) 'text' $lines[$i].TrimStart([char]0xFEFF).TrimEnd([char]13)))
      }
      $Line += $count
      $Offset += $end * $encoding['width']
      $found = Get-LastAction $whole
      if ($null -ne $found) { $action = $found }
    }
    if ($tail.Count -gt $mostTailLines) { $tail.RemoveRange(0, $tail.Count - $mostTailLines) }
    if ($null -eq $action) { $action = Get-LastAction (Get-TextBefore $stream $encoding $Offset) }
    return (New-Record 'bytes' $bytes 'offset' $Offset 'line' $Line 'tail' $tail.ToArray() 'action' $action)
  } finally { $stream.Close() }
}
