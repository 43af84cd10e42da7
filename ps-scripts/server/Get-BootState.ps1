param()
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot\..\shared\Answer.ps1"
. "$PSScriptRoot\..\shared\WindowsCalls.ps1"

# A service that hangs in its start for ever does not keep a server from being ready.
$startMilliseconds = 600000

# Ready when the service manager has nothing under way: what starts by itself has started.
Invoke-Answer {
  $uptime = Get-UptimeMilliseconds
  $starting = @(Get-ServiceList | Where-Object { $_['state'] -ceq 'StartPending' })
  New-Record 'bootId' (Get-BootId) 'uptimeMs' $uptime 'ready' ($starting.Length -eq 0 -or $uptime -ge $startMilliseconds)
}
