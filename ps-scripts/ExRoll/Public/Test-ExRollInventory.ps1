function Test-ExRollInventory {
  <#
  .SYNOPSIS
  Says everything that is wrong with an inventory; contacts no server.
  .DESCRIPTION
  One object a file: Valid, and in Problems each mistake with line, column, what is wrong and what to write instead.
  .PARAMETER Inventory
  The inventory, YAML. Takes files from the pipeline.
  .EXAMPLE
  Test-ExRollInventory fleet.yaml | Select-Object -ExpandProperty Problems

  All mistakes at once.
  .OUTPUTS
  ExRoll.InventoryTest
  .LINK
  Invoke-ExRoll
  #>
  [CmdletBinding()]
  [OutputType('ExRoll.InventoryTest')]
  param(
    [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
    [Alias('FullName', 'Path')] [string]$Inventory
  )
  process {
    $file = Resolve-ExRollPath $Inventory $PSCmdlet
    $end = Invoke-ExRollProcess -Words @('inventory', 'check', $file) -Folder (Get-ExRollFolder $PSCmdlet) -InputLine '' -OnLine { param($line) $PSCmdlet.WriteVerbose($line) }
    $global:LASTEXITCODE = $end.ExitCode
    $problems = @()
    $pattern = '(?m)^' + [regex]::Escape($file) + ':(?<line>\d+):(?<column>\d+): (?<message>.*?)\r?\n(?:.*\|.*\r?\n)*(?:  write: (?<instead>.*?)\r?$)?'
    foreach ($match in [regex]::Matches($end.Stderr, $pattern)) {
      $problems += New-ExRollObject 'ExRoll.InventoryProblem' ([ordered]@{
          Line = [int]$match.Groups['line'].Value; Column = [int]$match.Groups['column'].Value; Message = $match.Groups['message'].Value
          Instead = $match.Groups['instead'].Value; Inventory = $file
        })
    }
    if ($end.ExitCode -ne 0 -and $problems.Count -eq 0) {
      Write-ExRollError (New-ExRollUsageError $end.Stderr $end.ExitCode $file) $PSCmdlet
      return
    }
    $PSCmdlet.WriteObject((New-ExRollObject 'ExRoll.InventoryTest' ([ordered]@{ Inventory = $file; Valid = ($end.ExitCode -eq 0); Problems = $problems })))
  }
}
