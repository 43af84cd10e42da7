function Read-ExRollLog {
  <#
  .SYNOPSIS
  Reads Windows Installer and Exchange set-up logs and names the cause; needs no server and no Windows.
  .DESCRIPTION
  One object an attempt found in the logs, with its outcome, first failure, ranked causes, their evidence and remedy, and the red herrings that were set
  aside. All files of one call are read together, because the cause in one log may stand in another. $LASTEXITCODE is 0 where nothing failed, 2 where something did.
  .PARAMETER Path
  Log files, folders or .zip files. Takes files from the pipeline.
  .EXAMPLE
  Read-ExRollLog C:\ExchangeSetupLogs | Select-Object Outcome, Cause, Title

  The verdict on a folder of logs.
  .EXAMPLE
  Get-ChildItem *.log | Read-ExRollLog | Where-Object Outcome -eq failed | ForEach-Object Remedy

  What to do about each failure.
  .OUTPUTS
  ExRoll.LogAttempt
  .LINK
  Invoke-ExRoll
  #>
  [CmdletBinding()]
  [OutputType('ExRoll.LogAttempt')]
  param(
    [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
    [Alias('FullName', 'PSPath')] [string[]]$Path
  )
  begin { $files = @() }
  process { foreach ($one in $Path) { $files += Resolve-ExRollPath $one $PSCmdlet } }
  end {
    $answer = Invoke-ExRollJson (@('diagnose', '--json') + $files) @(0, 2) $null $PSCmdlet
    foreach ($file in @($answer.files)) {
      foreach ($attempt in @($file.attempts)) {
        if ($null -eq $attempt) { continue }
        $causes = @($attempt.causes | Where-Object { $null -ne $_ } | ForEach-Object { New-ExRollCause $_ })
        $best = $null
        if ($causes.Count -gt 0) { $best = $causes[0] }
        $PSCmdlet.WriteObject((New-ExRollObject 'ExRoll.LogAttempt' ([ordered]@{
                File = $file.path; Kind = $file.kind; Outcome = $attempt.outcome; ExitCode = (Get-ExRollMember $attempt 'exitCode'); KB = (Get-ExRollMember $attempt 'kb')
                Product = (Get-ExRollMember $attempt 'product'); Update = (Get-ExRollMember $attempt 'update'); FirstFailure = (Get-ExRollMember $attempt 'firstFailure')
                Cause = (Get-ExRollMember $best 'Id'); Confidence = (Get-ExRollMember $best 'Confidence'); Title = (Get-ExRollMember $best 'Title')
                Remedy = @(Get-ExRollMember $best 'Remedy' | Where-Object { $null -ne $_ }); Causes = $causes; RedHerrings = @($attempt.redHerrings)
              })))
      }
    }
  }
}
