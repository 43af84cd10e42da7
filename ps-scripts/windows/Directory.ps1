# Active Directory, as this machine's account gets to it: what runs as SYSTEM has no other one on the network.
. "$PSScriptRoot\..\shared\Json.ps1"
. "$PSScriptRoot\..\windows\Programs.ps1"
. "$PSScriptRoot\..\windows\Registry.ps1"

# A domain controller that answers, then the secure channel of the machine's account to it. nltest only reads here (Microsoft Learn,
# "Nltest"); it comes with the AD DS tools. Null where it is not there: nothing can be said then.
function Get-DirectoryReach {
  $program = Get-SystemProgram 'nltest.exe'
  if (-not [IO.File]::Exists($program)) { return (New-Record 'reachable' $null 'detail' ($program + ' is not there, so nothing is known')) }
  $found = Invoke-Program $program '/dsgetdc:'
  if ($found['exitCode'] -ne 0) { return (New-Record 'reachable' $false 'detail' ('no domain controller: ' + $found['output'])) }
  $domain = [string](Get-RegistryValue 'HKLM' 'SYSTEM\CurrentControlSet\Services\Tcpip\Parameters' 'Domain' '64')
  if ($domain -eq '') { return (New-Record 'reachable' $true 'detail' 'a domain controller answers') }
  $channel = Invoke-Program $program ('/sc_query:' + $domain)
  # It ends with 0 when the question could be asked; the answer is a status in its words, which are English everywhere.
  if ($channel['exitCode'] -eq 0 -and $channel['output'] -match 'Status = 0 0x0') {
    return (New-Record 'reachable' $true 'detail' ('the account of this machine is logged on to ' + $domain))
  }
  return (New-Record 'reachable' $false 'detail' ('no secure channel to ' + $domain + ': ' + $channel['output']))
}
