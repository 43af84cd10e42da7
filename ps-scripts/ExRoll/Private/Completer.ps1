# What tab offers: inventories, servers of the inventory that was typed, runs. A completer that fails offers nothing.

function Get-ExRollCompletion([string[]]$Found, [string]$Word) {
  foreach ($text in $Found) {
    if (-not $text.StartsWith($Word.Trim("'", '"'), [StringComparison]::OrdinalIgnoreCase)) { continue }
    $shown = $text
    if ($text -match '[\s''"`$(){};,&|]') { $shown = "'" + $text.Replace("'", "''") + "'" }
    [Management.Automation.CompletionResult]::new($shown, $text, 'ParameterValue', $text)
  }
}

function Get-ExRollYaml([string]$Folder, [string]$Like) {
  foreach ($name in @($Folder, [IO.Path]::Combine($Folder, $Like))) {
    if (-not [IO.Directory]::Exists($name)) { continue }
    foreach ($file in [IO.Directory]::GetFiles($name, '*.yaml')) {
      if ($name -eq $Folder) { [IO.Path]::GetFileName($file) } else { $Like + '/' + [IO.Path]::GetFileName($file) }
    }
  }
}

function Get-ExRollQuickJson([string[]]$Words, [string]$Folder) {
  $text = [Text.StringBuilder]::new()
  $end = Invoke-ExRollProcess -Words $Words -Folder $Folder -InputLine '' -OnLine { param($line) [void]$text.AppendLine($line) }
  if ($end.ExitCode -ne 0) { return }
  return (ConvertFrom-ExRollJson $text.ToString())
}

$script:CompleteInventory = {
  param($commandName, $parameterName, $wordToComplete)
  Get-ExRollCompletion @(Get-ExRollYaml $ExecutionContext.SessionState.Path.CurrentFileSystemLocation.ProviderPath 'inventory') $wordToComplete
}
$script:CompletePlaybook = {
  param($commandName, $parameterName, $wordToComplete)
  # Those here, then the ready ones that came with exroll, by their full path.
  $ready = [IO.Path]::GetFullPath([IO.Path]::Combine([IO.Path]::GetDirectoryName((Get-ExRollProgram).Cli), '..', 'playbooks'))
  $found = @(Get-ExRollYaml $ExecutionContext.SessionState.Path.CurrentFileSystemLocation.ProviderPath 'playbooks')
  if ([IO.Directory]::Exists($ready)) { $found += [IO.Directory]::GetFiles($ready, '*.yaml') }
  Get-ExRollCompletion $found $wordToComplete
}
$script:CompleteServer = {
  param($commandName, $parameterName, $wordToComplete, $commandAst, $fakeBoundParameters)
  if (-not $fakeBoundParameters.Contains('Inventory')) { return }
  $folder = $ExecutionContext.SessionState.Path.CurrentFileSystemLocation.ProviderPath
  Get-ExRollCompletion @(Get-ExRollQuickJson @('inventory', 'list', '-i', [string]$fakeBoundParameters['Inventory'], '--json') $folder | ForEach-Object { $_.name }) $wordToComplete
}
$script:CompleteRun = {
  param($commandName, $parameterName, $wordToComplete)
  $folder = $ExecutionContext.SessionState.Path.CurrentFileSystemLocation.ProviderPath
  Get-ExRollCompletion @(Get-ExRollQuickJson @('runs', '--json') $folder | ForEach-Object { $_.run }) $wordToComplete
}

function Register-ExRollCompleter {
  foreach ($command in @('Invoke-ExRoll', 'Get-ExRollFact', 'Restore-ExRollSetting', 'Test-ExRollInventory')) {
    Register-ArgumentCompleter -CommandName $command -ParameterName Inventory -ScriptBlock $script:CompleteInventory
  }
  foreach ($command in @('Invoke-ExRoll', 'Get-ExRollFact', 'Restore-ExRollSetting')) {
    Register-ArgumentCompleter -CommandName $command -ParameterName Limit -ScriptBlock $script:CompleteServer
  }
  Register-ArgumentCompleter -CommandName 'Invoke-ExRoll' -ParameterName Playbook -ScriptBlock $script:CompletePlaybook
  foreach ($command in @('Resume-ExRoll', 'Get-ExRollRun', 'Show-ExRollDashboard')) {
    Register-ArgumentCompleter -CommandName $command -ParameterName Run -ScriptBlock $script:CompleteRun
  }
}
