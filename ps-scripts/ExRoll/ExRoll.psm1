# The operator's side of exroll as PowerShell commands: hosts the compiled program and gives its events as objects.
$ErrorActionPreference = 'Stop'
$script:ExRollRoot = $PSScriptRoot

foreach ($folder in @('Private', 'Public')) {
  foreach ($file in [IO.Directory]::GetFiles([IO.Path]::Combine($PSScriptRoot, $folder), '*.ps1')) { . $file }
}
Register-ExRollCompleter
Export-ModuleMember -Function 'Invoke-ExRoll', 'Resume-ExRoll', 'Get-ExRollRun', 'Get-ExRollFact', 'Restore-ExRollSetting', 'Test-ExRollInventory', 'Read-ExRollLog', 'Show-ExRollDashboard'
