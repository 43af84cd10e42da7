# Windows' own command-line programs, by full path: what stands earlier on the PATH is not asked.
. "$PSScriptRoot\..\shared\Json.ps1"

function Get-SystemProgram([string]$Name) { return [IO.Path]::Combine([Environment]::SystemDirectory, $Name) }

# Runs a program to its end: exit code, and what it said. For programs whose errors fit a pipe (4 KB): stderr is read after stdout.
function Invoke-Program([string]$Path, [string]$Words) {
  $start = [Activator]::CreateInstance([Diagnostics.ProcessStartInfo], [object[]]@($Path, $Words))
  $start.UseShellExecute = $false
  $start.CreateNoWindow = $true
  $start.RedirectStandardInput = $true
  $start.RedirectStandardOutput = $true
  $start.RedirectStandardError = $true
  $process = [Diagnostics.Process]::Start($start)
  # A question finds the end of its input and not the rest of this call.
  $process.StandardInput.Close()
  $output = $process.StandardOutput.ReadToEnd() + $process.StandardError.ReadToEnd()
  $process.WaitForExit()
  return (New-Record 'exitCode' ([long]$process.ExitCode) 'output' ([string]::Join(' ', $output.Split([char[]]@(13, 10), [StringSplitOptions]::RemoveEmptyEntries)).Trim()))
}
