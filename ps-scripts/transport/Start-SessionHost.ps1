# Runs in the operator's own PowerShell (Windows PowerShell 5.1 or PowerShell 7) and reaches servers with its New-PSSession: with the
# operator's logon, Kerberos, CredSSP, or over SSH. Each request is one line on stdin, "exroll-host <base64 of JSON>"; each answer one line of
# JSON on stdout, with the request's id. Texts in session, credential and arguments have a mark in front. Other lines on stdin are those of the shell around it and are passed over.
#   open  lane, session (splatted to New-PSSession), credential     opens a lane: a runspace with one PSSession
#   run   lane, script (text), arguments                            runs the script in the lane's session; each object it gives is an answer
#   stop  target                                                    stops what the request of that id does
#   close lane
#   ping                                                            is answered at once: the shell lives, whatever its lanes do
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$lanes = @{}
$work = @{}

# Runs in the lane's runspace; says how it ended, also when it was stopped.
$laneScript = {
  param($Id, $Request)
  $ErrorActionPreference = 'Stop'
  $ProgressPreference = 'SilentlyContinue'
  function Send-Answer($Fields) {
    $Fields['id'] = $Id
    [Console]::Out.WriteLine((ConvertTo-Json -InputObject $Fields -Compress -Depth 4))
  }
  # Without its mark; what is no text stays as it is.
  function Get-Unmarked($Value) { if ($Value -is [string]) { return $Value.Substring(1) } else { return $Value } }
  $said = $false
  try {
    switch ($Request.verb) {
      'open' {
        $parameters = @{}
        foreach ($member in $Request.session.PSObject.Properties) {
          $value = Get-Unmarked $member.Value
          if ($value -is [Management.Automation.PSCustomObject]) {
            $value = @{}
            foreach ($inner in $member.Value.PSObject.Properties) { $value[$inner.Name] = Get-Unmarked $inner.Value }
          }
          $parameters[$member.Name] = $value
        }
        if ($null -ne $Request.credential) {
          $secret = New-Object Security.SecureString
          foreach ($char in (Get-Unmarked $Request.credential.password).ToCharArray()) { $secret.AppendChar($char) }
          $parameters['Credential'] = New-Object Management.Automation.PSCredential @((Get-Unmarked $Request.credential.username), $secret)
        }
        $global:session = New-PSSession @parameters
        Send-Answer @{ ended = 'opened' }
        $said = $true
      }
      'run' {
        $arguments = @($Request.arguments | ForEach-Object { if ($_.bytes -is [string]) { , [Convert]::FromBase64String((Get-Unmarked $_.bytes)) } else { Get-Unmarked $_.text } })
        Invoke-Command -Session $global:session -ScriptBlock ([scriptblock]::Create($Request.script)) -ArgumentList $arguments | ForEach-Object { Send-Answer @{ object = [string]$_ } }
        Send-Answer @{ ended = 'ran' }
        $said = $true
      }
      'close' {
        if ($null -ne $global:session) { Remove-PSSession $global:session }
        Send-Answer @{ ended = 'closed' }
        $said = $true
      }
    }
  } catch {
    $lost = ($Request.verb -eq 'run' -and $global:session.State -ne 'Opened')
    Send-Answer @{ ended = 'failed'; lost = $lost; error = [string]$_.Exception.Message; errorId = [string]$_.FullyQualifiedErrorId }
    $said = $true
  } finally {
    # Stopped: the pipeline is gone, and what it waited for with it.
    if (-not $said) { Send-Answer @{ ended = 'stopped'; lost = ($null -ne $global:session -and $global:session.State -ne 'Opened') } }
  }
}

function Write-Answer($Fields) { [Console]::Out.WriteLine((ConvertTo-Json -InputObject $Fields -Compress)) }

# Starts a request in its lane; false while the lane is not free yet. What runs there has said that it ended, but a runspace takes nothing new
# before its pipeline is gone.
function Start-Work($Request) {
  $lane = $lanes[$Request.lane]
  if ($null -eq $lane) {
    $lane = @{ runspace = [runspacefactory]::CreateRunspace(); last = $null }
    $lane.runspace.Open()
    $lanes[$Request.lane] = $lane
  }
  if ($null -ne $lane.last -and -not $lane.last.IsCompleted) { return $false }
  $shell = [powershell]::Create()
  $shell.Runspace = $lane.runspace
  [void]$shell.AddScript($laneScript.ToString()).AddArgument($Request.id).AddArgument($Request)
  $lane.last = $shell.BeginInvoke()
  $work[$Request.id] = @{ shell = $shell; handle = $lane.last; verb = $Request.verb; lane = $Request.lane }
  return $true
}

# A pipeline that never goes, because its server hangs, fails what waits for it, and holds up no other lane.
function Start-Waiting {
  foreach ($one in $waiting.ToArray()) {
    if (Start-Work $one.request) { [void]$waiting.Remove($one) }
    elseif ([DateTime]::UtcNow -gt $one.until) {
      [void]$waiting.Remove($one)
      Write-Answer @{ id = $one.request.id; ended = 'failed'; lost = $true; error = 'what ran in this session before does not end' }
    }
  }
}

# What is done is let go: a request of a large file holds a part of it.
function Clear-Work {
  foreach ($id in @($work.Keys)) {
    $done = $work[$id]
    if (-not $done.handle.IsCompleted) { continue }
    $work.Remove($id)
    $done.shell.Dispose()
    if ($done.verb -eq 'close') {
      $lanes[$done.lane].runspace.Dispose()
      $lanes.Remove($done.lane)
    }
  }
}

$waiting = New-Object Collections.ArrayList
$reader = New-Object IO.StreamReader @([Console]::OpenStandardInput(), (New-Object Text.UTF8Encoding $false))
Write-Answer @{ id = 0; ended = 'ready'; version = [string]$PSVersionTable.PSVersion; edition = [string]$PSVersionTable.PSEdition }
$next = $reader.ReadLineAsync()
while ($true) {
  if ($waiting.Count -gt 0 -and -not $next.Wait(20)) { Start-Waiting; continue }
  $line = $next.Result
  if ($null -eq $line) { break }
  $next = $reader.ReadLineAsync()
  Clear-Work
  if (-not $line.StartsWith('exroll-host ')) { continue }
  $request = ConvertFrom-Json ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($line.Substring(12))))
  if ($request.verb -eq 'stop') {
    $target = $work[$request.target]
    if ($null -ne $target) { [void]$target.shell.BeginStop($null, $null) }
  } elseif ($request.verb -eq 'ping') { Write-Answer @{ id = $request.id; ended = 'alive' } }
  elseif (-not (Start-Work $request)) { [void]$waiting.Add(@{ request = $request; until = [DateTime]::UtcNow.AddSeconds(10) }) }
}
exit 0
