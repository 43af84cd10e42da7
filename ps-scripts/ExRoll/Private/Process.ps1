# exroll as a child process: its words as data, its NDJSON line by line as it comes.

# One word of a Windows command line, as CommandLineToArgvW reads it back (Microsoft, "Parsing C command-line arguments").
function ConvertTo-ExRollArgument([string]$Word) {
  if ($Word -ne '' -and $Word -notmatch '[\s"]') { return $Word }
  return '"' + [regex]::Replace([regex]::Replace($Word, '(\\*)"', '$1$1\"'), '(\\+)$', '$1$1') + '"'
}

# Node, and the compiled program beside this module or where `exroll module install` wrote it down.
function Get-ExRollProgram {
  $cli = [Environment]::GetEnvironmentVariable('EXROLL_CLI')
  if ([string]::IsNullOrEmpty($cli)) {
    $pointer = [IO.Path]::Combine($script:ExRollRoot, 'exroll-cli.txt')
    if ([IO.File]::Exists($pointer)) { $cli = [IO.File]::ReadAllText($pointer).Trim() }
    else { $cli = [IO.Path]::GetFullPath([IO.Path]::Combine($script:ExRollRoot, '..', '..', 'dist', 'cli.js')) }
  }
  if (-not [IO.File]::Exists($cli)) {
    throw (New-ExRollError 'ExRollNotFound' 'ObjectNotFound' $cli "exroll is not at $cli. Build it (npm run build), or run 'exroll module install' again after moving it.")
  }
  $node = [Environment]::GetEnvironmentVariable('EXROLL_NODE')
  if ([string]::IsNullOrEmpty($node)) {
    $found = $ExecutionContext.InvokeCommand.GetCommand('node', 'Application')
    if ($null -eq $found) {
      throw (New-ExRollError 'NodeNotFound' 'ObjectNotFound' 'node' 'Node.js is not on PATH. Install Node 20.19 or newer (https://nodejs.org), or name it in EXROLL_NODE.')
    }
    $node = $found.Path
  }
  return @{ Node = $node; Cli = $cli }
}

function New-ExRollError([string]$Id, [string]$Category, $Target, [string]$Message) {
  $exception = [InvalidOperationException]::new($Message)
  return [Management.Automation.ErrorRecord]::new($exception, $Id, [Management.Automation.ErrorCategory]$Category, $Target)
}

# An error that stops nothing, unless whoever called the command says otherwise: the preference of this module is Stop, and must not count.
function Write-ExRollError($Record, $Cmdlet) {
  $ErrorActionPreference = $Cmdlet.SessionState.PSVariable.GetValue('ErrorActionPreference', 'Continue')
  $Cmdlet.WriteError($Record)
}

# Starts exroll. Its stdin stays open: closing it asks a run to stop, as the first Ctrl-C does.
function Start-ExRollProcess([string[]]$Words, [string]$Folder) {
  $program = Get-ExRollProgram
  $start = [Diagnostics.ProcessStartInfo]::new($program.Node)
  $all = @($program.Cli) + $Words
  if ($null -ne $start.PSObject.Properties['ArgumentList']) { foreach ($word in $all) { $start.ArgumentList.Add($word) } }
  else { $start.Arguments = [string]::Join(' ', [string[]]@($all | ForEach-Object { ConvertTo-ExRollArgument $_ })) }
  $start.UseShellExecute = $false
  $start.WorkingDirectory = $Folder
  $start.RedirectStandardInput = $true
  $start.RedirectStandardOutput = $true
  $start.RedirectStandardError = $true
  $start.StandardOutputEncoding = [Text.UTF8Encoding]::new($false)
  $start.StandardErrorEncoding = [Text.UTF8Encoding]::new($false)
  return [Diagnostics.Process]::Start($start)
}

# Runs exroll to its end and hands each line of stdout on while it comes. Returns exit code and stderr. The short waits let Ctrl-C of the
# host in; then `finally` closes stdin, which stops a run safely, and waits until every server that was started is restored.
function Invoke-ExRollProcess {
  param([string[]]$Words, [string]$Folder, [string]$InputLine, [switch]$KeepInput, [scriptblock]$OnLine)
  $process = Start-ExRollProcess $Words $Folder
  try {
    if ($InputLine -ne '') { $process.StandardInput.WriteLine($InputLine) }
    if (-not $KeepInput) { $process.StandardInput.Close() } else { $process.StandardInput.Flush() }
    $stderr = $process.StandardError.ReadToEndAsync()
    $next = $process.StandardOutput.ReadLineAsync()
    while ($true) {
      if (-not $next.Wait(100)) { continue }
      if ($null -eq $next.Result) { break }
      $line = $next.Result
      $next = $process.StandardOutput.ReadLineAsync()
      & $OnLine $line
    }
    while (-not $process.WaitForExit(100)) { }
    return @{ ExitCode = $process.ExitCode; Stderr = $stderr.Result }
  } finally {
    if (-not $process.HasExited) {
      # The pipeline is stopped: none of its streams takes anything any more.
      if ($KeepInput) { [Console]::Error.WriteLine('exroll is stopping: servers that were started are finished and restored, nothing new starts. Resume-ExRoll goes on.') }
      try { $process.StandardInput.Close() } catch [InvalidOperationException] { $null = $_ } catch [IO.IOException] { $null = $_ }
      # A full pipe would keep exroll from ending.
      while ($null -ne $next -and $null -ne $next.GetAwaiter().GetResult()) { $next = $process.StandardOutput.ReadLineAsync() }
      $process.WaitForExit()
    }
    $process.Dispose()
  }
}

# What exroll said on stderr before it contacted anybody, as one ErrorRecord: its code is the id.
function New-ExRollUsageError([string]$Stderr, [int]$ExitCode, $Target) {
  $id = 'ExRollFailed'
  if ($Stderr -match '(?m)^\s*code (?<code>[A-Z][A-Z0-9_]+)') { $id = $matches['code'] }
  $category = 'InvalidArgument'
  if ($ExitCode -eq 1) { $category = 'NotSpecified' }
  $message = $Stderr.Trim()
  if ($message -eq '') { $message = "exroll ended with $ExitCode." }
  return (New-ExRollError $id $category $Target $message)
}

# A path of PowerShell's own location as exroll needs it.
function Resolve-ExRollPath([string]$Path, $Cmdlet) {
  return $Cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
}

function Get-ExRollFolder($Cmdlet) { return $Cmdlet.SessionState.Path.CurrentFileSystemLocation.ProviderPath }
