# A run or its resume: words, stdin, events, exit code.
function Invoke-ExRollRun([string[]]$Words, [string]$RunsFolder, $Credential, $Cmdlet, [string]$Verb, $Tally) {
  $folder = Get-ExRollFolder $Cmdlet
  $runs = Get-ExRollRunsFolder $RunsFolder $Cmdlet
  if ($null -eq $Tally) { $Tally = New-ExRollTally }
  $all = @($Verb) + $Words + @('--ui', 'ndjson', '--runs-dir', $runs, '--hosted')
  $end = Invoke-ExRollProcess -Words $all -Folder $folder -InputLine (ConvertTo-ExRollGreeting $Credential) -KeepInput -OnLine {
    param($line)
    Write-ExRollEvent (ConvertFrom-ExRollJson $line) $Tally $runs $Cmdlet
  }
  $global:LASTEXITCODE = $end.ExitCode
  if ($end.ExitCode -eq 1 -or $end.ExitCode -eq 3) { $Cmdlet.ThrowTerminatingError((New-ExRollUsageError $end.Stderr $end.ExitCode $all)) }
  if ($end.ExitCode -eq 5 -or $end.ExitCode -eq 130) {
    $text = 'The run was stopped; Resume-ExRoll -Run ' + $Tally.Run + ' goes on with it.'
    Write-ExRollError (New-ExRollError 'RunStopped' 'OperationStopped' $Tally.Run $text) $Cmdlet
  }
}

# The first line on exroll's stdin: credentials as data, never on a command line, in the environment or in a file.
function ConvertTo-ExRollGreeting($Credential) {
  $entries = @()
  foreach ($one in @($Credential)) {
    if ($null -eq $one) { continue }
    $plain = $one.GetNetworkCredential().Password
    $entries += '{"username":' + (ConvertTo-ExRollJsonString $one.UserName) + ',"password":' + (ConvertTo-ExRollJsonString $plain) + '}'
  }
  return '{"credentials":[' + [string]::Join(',', [string[]]$entries) + ']}'
}

# --runs-dir, else EXROLL_RUNS, else .exroll/runs below PowerShell's own location.
function Get-ExRollRunsFolder([string]$RunsFolder, $Cmdlet) {
  if ($RunsFolder -ne '') { return (Resolve-ExRollPath $RunsFolder $Cmdlet) }
  $named = [Environment]::GetEnvironmentVariable('EXROLL_RUNS')
  if (-not [string]::IsNullOrEmpty($named)) { return (Resolve-ExRollPath $named $Cmdlet) }
  return [IO.Path]::Combine((Get-ExRollFolder $Cmdlet), '.exroll', 'runs')
}

# Runs a command that prints one JSON value, and gives it as objects. Exit codes in $Good are no errors.
function Invoke-ExRollJson([string[]]$Words, [int[]]$Good, $Credential, $Cmdlet) {
  $text = [Text.StringBuilder]::new()
  $call = @{ Words = $Words; Folder = (Get-ExRollFolder $Cmdlet); InputLine = ''; OnLine = { param($line) [void]$text.AppendLine($line) } }
  if ($null -ne $Credential) {
    $call.Words = $Words + '--hosted'
    $call.InputLine = ConvertTo-ExRollGreeting $Credential
  }
  $end = Invoke-ExRollProcess @call
  $global:LASTEXITCODE = $end.ExitCode
  if ($Good -notcontains $end.ExitCode -or $text.Length -eq 0) { $Cmdlet.ThrowTerminatingError((New-ExRollUsageError $end.Stderr $end.ExitCode $Words)) }
  return (ConvertFrom-ExRollJson $text.ToString())
}
