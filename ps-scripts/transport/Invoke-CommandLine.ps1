# Runs in a session on the server: one command line of its default shell, with bytes on stdin. Gives text objects: o or e and the base64 of
# what came on stdout or stderr, in order of arrival; at the end x and the exit code. Ended early, it ends the command with all it started.
param([string]$Line, [byte[]]$Standard)
$ErrorActionPreference = 'Stop'
$start = [Activator]::CreateInstance([Diagnostics.ProcessStartInfo])
$windows = ([Environment]::OSVersion.Platform -eq 'Win32NT')
if ($windows) {
  $start.FileName = [IO.Path]::Combine([Environment]::SystemDirectory, 'cmd.exe')
  $start.Arguments = '/s /c "' + $Line + '"'
} else {
  $start.FileName = '/bin/sh'
  $start.ArgumentList.Add('-c')
  $start.ArgumentList.Add($Line)
}
$start.UseShellExecute = $false
$start.CreateNoWindow = $true
$start.RedirectStandardInput = $true
$start.RedirectStandardOutput = $true
$start.RedirectStandardError = $true
$process = [Diagnostics.Process]::Start($start)
try {
  $size = 65536
  $streams = @(
    @{ mark = 'o'; stream = $process.StandardOutput.BaseStream; buffer = [Array]::CreateInstance([byte], $size); wait = $null; open = $true },
    @{ mark = 'e'; stream = $process.StandardError.BaseStream; buffer = [Array]::CreateInstance([byte], $size); wait = $null; open = $true }
  )
  foreach ($one in $streams) { $one.wait = $one.stream.BeginRead($one.buffer, 0, $size, $null, $null) }
  $in = $process.StandardInput.BaseStream
  $sent = 0
  $length = 0
  if ($null -ne $Standard) { $length = $Standard.Length }
  $writing = $null
  $inOpen = $true
  while ($streams[0].open -or $streams[1].open) {
    $moved = $false
    foreach ($one in $streams) {
      if (-not $one.open -or -not $one.wait.IsCompleted) { continue }
      $moved = $true
      $count = $one.stream.EndRead($one.wait)
      if ($count -le 0) { $one.open = $false; continue }
      $one.mark + [Convert]::ToBase64String($one.buffer, 0, $count)
      $one.wait = $one.stream.BeginRead($one.buffer, 0, $size, $null, $null)
    }
    # A command may end without reading its input; that is no error of the run.
    if ($inOpen) {
      try {
        if ($null -ne $writing -and $writing.IsCompleted) { $in.EndWrite($writing); $writing = $null; $moved = $true }
        if ($null -eq $writing -and $sent -lt $length) {
          $count = [Math]::Min($size, $length - $sent)
          $writing = $in.BeginWrite($Standard, $sent, $count, $null, $null)
          $sent += $count
          $moved = $true
        } elseif ($null -eq $writing) { $inOpen = $false; $process.StandardInput.Close() }
      } catch { $inOpen = $false }
    }
    if (-not $moved) { [Threading.Thread]::Sleep(10) }
  }
  $process.WaitForExit()
  'x' + $process.ExitCode.ToString()
} finally {
  if (-not $process.HasExited) {
    if ($windows) {
      $end = [Diagnostics.Process]::Start([IO.Path]::Combine([Environment]::SystemDirectory, 'taskkill.exe'), '/PID ' + $process.Id.ToString() + ' /T /F')
      $end.WaitForExit()
    } else { $process.Kill($true) }
  }
}
