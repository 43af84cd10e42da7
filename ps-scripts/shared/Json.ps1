# NDJSON on stdout, ASCII with \uXXXX. PowerShell 2.0 has no ConvertTo-Json, and its pipeline wraps lines at the host's width:
# what a script says goes through Write-JsonLine and nothing else.

# Key, value, key, value ... as an object that keeps its order.
function New-Record {
  $record = [Activator]::CreateInstance([Collections.Specialized.OrderedDictionary])
  for ($i = 0; $i -lt $args.Count; $i += 2) { $record[[string]$args[$i]] = $args[$i + 1] }
  return $record
}

function ConvertTo-JsonString([string]$Text) {
  if ($Text -cnotmatch '[^ -~]|["\\]') { return '"' + $Text + '"' }
  $out = [Activator]::CreateInstance([Text.StringBuilder])
  foreach ($char in $Text.ToCharArray()) {
    $code = [int]$char
    if ($code -lt 32 -or $code -gt 126) { $piece = '\u' + $code.ToString('x4') }
    elseif ($code -eq 34 -or $code -eq 92) { $piece = '\' + $char }
    else { $piece = [string]$char }
    [void]$out.Append($piece)
  }
  return '"' + $out.ToString() + '"'
}

# Null, flags, whole numbers, text, records and lists; a record with the one key '#json' is text that is JSON already.
function ConvertTo-JsonText($Value) {
  if ($null -eq $Value) { return 'null' }
  if ($Value -is [bool]) { if ($Value) { return 'true' } else { return 'false' } }
  if ($Value -is [int] -or $Value -is [long] -or $Value -is [uint32]) { return ([long]$Value).ToString() }
  if ($Value -is [string]) { return (ConvertTo-JsonString $Value) }
  if ($Value -is [Collections.IDictionary]) {
    if ($Value.Contains('#json')) { return [string]$Value['#json'] }
    $members = @($Value.Keys | ForEach-Object { (ConvertTo-JsonString $_) + ':' + (ConvertTo-JsonText $Value[$_]) })
    return '{' + [string]::Join(',', $members) + '}'
  }
  if ($Value -is [Collections.IEnumerable]) {
    $items = @($Value | ForEach-Object { ConvertTo-JsonText $_ })
    return '[' + [string]::Join(',', $items) + ']'
  }
  return (ConvertTo-JsonString ([string]$Value))
}

# Tests set $ExrollEmit to catch the lines.
function Write-JsonLine($Record) {
  $line = ConvertTo-JsonText $Record
  if ($null -ne $ExrollEmit) { & $ExrollEmit $line } else { [Console]::Out.WriteLine($line) }
}
