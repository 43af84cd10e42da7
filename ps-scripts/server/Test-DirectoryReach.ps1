param()
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot\..\shared\Answer.ps1"
. "$PSScriptRoot\..\shared\WindowsCalls.ps1"

Invoke-Answer { Get-DirectoryReach }
