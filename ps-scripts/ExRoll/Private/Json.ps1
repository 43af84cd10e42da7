# JSON of exroll as objects. ConvertFrom-Json is in a module that not every host has; System.Text.Json is part of .NET 5 and newer.

function ConvertFrom-ExRollElement($Element) {
  switch ([string]$Element.ValueKind) {
    'Object' {
      $object = [Management.Automation.PSObject]::new()
      foreach ($member in $Element.EnumerateObject()) {
        $value = ConvertFrom-ExRollElement $member.Value
        $object.PSObject.Properties.Add([Management.Automation.PSNoteProperty]::new($member.Name, $value))
      }
      return $object
    }
    'Array' {
      $items = [Collections.Generic.List[object]]::new()
      foreach ($item in $Element.EnumerateArray()) { $items.Add((ConvertFrom-ExRollElement $item)) }
      return , $items.ToArray()
    }
    'Number' {
      $whole = [long]0
      if ($Element.TryGetInt64([ref]$whole)) { return $whole }
      return $Element.GetDouble()
    }
    'String' { return $Element.GetString() }
    'True' { return $true }
    'False' { return $false }
  }
  return $null
}

function ConvertFrom-ExRollJson([string]$Text) {
  if ($null -eq ('System.Text.Json.JsonDocument' -as [type])) { return (ConvertFrom-Json -InputObject $Text) }
  $document = [System.Text.Json.JsonDocument]::Parse($Text)
  try { return (ConvertFrom-ExRollElement $document.RootElement) } finally { $document.Dispose() }
}

# A JSON string: what goes to exroll over stdin is ASCII.
function ConvertTo-ExRollJsonString([string]$Text) {
  $out = [Text.StringBuilder]::new('"')
  foreach ($char in $Text.ToCharArray()) {
    $code = [int]$char
    if ($code -lt 32 -or $code -gt 126 -or $code -eq 34 -or $code -eq 92) { [void]$out.Append('\u' + $code.ToString('x4')) }
    else { [void]$out.Append($char) }
  }
  return $out.Append('"').ToString()
}

# An object of one of the module's own types; the format file shows it by that name.
function New-ExRollObject([string]$TypeName, [Collections.IDictionary]$Members) {
  $object = [Management.Automation.PSObject]::new()
  $object.PSObject.TypeNames.Insert(0, $TypeName)
  foreach ($name in $Members.Keys) {
    $object.PSObject.Properties.Add([Management.Automation.PSNoteProperty]::new($name, $Members[$name]))
  }
  return $object
}

# A member's value, or null where an object does not have it: StrictMode of the caller must not matter.
function Get-ExRollMember($Object, [string]$Name) {
  if ($null -eq $Object) { return $null }
  $property = $Object.PSObject.Properties[$Name]
  if ($null -eq $property) { return $null }
  return $property.Value
}
