# Every call that only Windows can answer. Whoever needs one takes it from here, so that all other lines run wherever PowerShell runs:
# ps-scripts/lab/WindowsCalls.ps1 has the same functions for a simulated server.
. "$PSScriptRoot\..\windows\Machine.ps1"
. "$PSScriptRoot\..\windows\Accounts.ps1"
. "$PSScriptRoot\..\windows\Files.ps1"
. "$PSScriptRoot\..\windows\Registry.ps1"
. "$PSScriptRoot\..\windows\Hives.ps1"
. "$PSScriptRoot\..\windows\Services.ps1"
. "$PSScriptRoot\..\windows\Installer.ps1"
. "$PSScriptRoot\..\windows\Tasks.ps1"
. "$PSScriptRoot\..\windows\Events.ps1"
. "$PSScriptRoot\..\windows\Cluster.ps1"
. "$PSScriptRoot\..\windows\Directory.ps1"
