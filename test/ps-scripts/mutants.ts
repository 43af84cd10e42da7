import type { SafetyName } from './memory-server/safety.js'

/** A fault of one line: the script's text with `from` in it gets `to` instead. */
export interface Mutant {
  fault: string
  /** The check that has to notice it. */
  check: SafetyName
  from: string
  to: string
}

/** Faults that would leave a server unsafe, each of which the checks of memory-server/safety.ts have to notice. */
export const mutants: Mutant[] = [
  { fault: 'the wrong bit', check: 'followed', from: '$ignoreRevocation = 0x200', to: '$ignoreRevocation = 0x100' },
  {
    fault: 'the constant instead of the bit',
    check: 'hardened',
    from: '($now -bor $ignoreRevocation)',
    to: '(0x23e00)',
  },
  {
    fault: 'absence as 0',
    check: 'absent',
    from: 'if ($null -eq $Value) { Remove-RegistryValue $place[0] $place[1] $place[2] $place[3] }',
    to: 'if ($null -eq $Value) { Set-RegistryValue $place[0] $place[1] $place[2] $place[3] $place[4] ([long]0) }',
  },
  {
    fault: 'absence equal to anything',
    check: 'absent',
    from: 'return ($null -eq $One -and $null -eq $Other)',
    to: 'return $true',
  },
  {
    fault: 'the wrong registry view',
    check: 'followed',
    from: "'execution-policy/LocalMachine' { return @('HKLM', $shellKey, 'ExecutionPolicy', '64', 'String') }",
    to: "'execution-policy/LocalMachine' { return @('HKLM', $shellKey, 'ExecutionPolicy', '32', 'String') }",
  },
  {
    fault: 'no restore after a failed install',
    check: 'hardened',
    from: '  Restore-AfterInstall $Run\n',
    to: '  if ($code -eq 0) { Restore-AfterInstall $Run }\n',
  },
  {
    fault: 'no restore of start types',
    check: 'hardened',
    from: "    try { Set-ServiceStartType $change['scope'] $change['to'] }",
    to: '    try { }',
  },
  {
    fault: 'no reading back',
    check: 'refused',
    from: "if (Test-SameValue (Get-SettingValue $change['setting'] $change['scope']) $change['to']) { $restored += $change }",
    to: 'if ($true) { $restored += $change }',
  },
  {
    fault: 'no comparing before the swap',
    check: 'foreign',
    from: "else { $return['stand'] = 'foreign' }",
    to: "else { $return['stand'] = 'ours' }",
  },
  { fault: 'a change that is not written down', check: 'followed', from: '  Add-Change $Run $Change $Goal\n', to: '' },
  {
    fault: 'the goal written down as what was set',
    check: 'followed',
    from: "$values = @($Change['setting'], $Change['scope'], $Goal, $Change['to'])",
    to: "$values = @($Change['setting'], $Change['scope'], $Change['to'], $Change['to'])",
  },
  {
    fault: 'the lease ignored',
    check: 'cut',
    from: "if ((Get-BusyReason $Run) -ne '' -or (Test-Lease $Run)) { return }",
    to: "if ((Get-BusyReason $Run) -ne '') { return }",
  },
  {
    fault: 'the lease by another clock after a restart',
    check: 'cut',
    from: '  if ($fields[0] -ceq (Get-BootId)) { $since = $since - [long]$fields[1] }',
    to: '  $since = [Math]::Abs($since - [long]$fields[1])',
  },
  {
    fault: 'the installer ignored',
    check: 'cut',
    from: "  if (Test-InstallerActive $Run) { return 'Windows Installer is at work' }\n",
    to: '',
  },
  {
    fault: 'the living job ignored',
    check: 'alive',
    from: "  if ((Get-JobState $Run) -ceq 'running') { return 'its job still runs' }\n",
    to: '',
  },
  {
    fault: 'start order reversed',
    check: 'followed',
    from: "  foreach ($needed in @($ByName[$Key]['dependsOn'])) { Add-StartOrder $needed.ToLower() $ByName $Wanted $Seen $Order }\n",
    to: '',
  },
  {
    fault: 'services started that did not run',
    check: 'followed',
    from: "if ($service['state'] -ceq 'Running' -and $Table",
    to: 'if ($Table',
  },
  {
    fault: 'services started on half-written files',
    check: 'cut',
    from: "  return ($null -ne $text -and $text -cmatch '^-?\\d+ *\\z')",
    to: '  return $true',
  },
  {
    fault: 'a snapshot that is overwritten',
    check: 'resumed',
    from: '  if ([IO.File]::Exists($path)) { return $false }\n  return (New-StateFile $path (Format-Snapshot',
    to: '  return (Set-StateFile $path (Format-Snapshot',
  },
  {
    fault: 'a job that is started twice',
    check: 'followed',
    from: '-or -not (New-Claim $Run)) { return }',
    to: ') { [void](New-Claim $Run); return }',
  },
  {
    fault: 'an unsafe state folder that is trusted',
    check: 'unsafe',
    from: "if ($fault -ne '') {",
    to: 'if ($false) {',
  },
  {
    fault: 'a guard that goes while something is stuck',
    check: 'refused',
    from: 'if ($outstanding.Length -eq 0 -and $servicesRight -and',
    to: 'if ($servicesRight -and',
  },
  {
    fault: 'a guard that stays for ever',
    check: 'cut',
    from: "  if ($restored['right']) { Disable-Guard $Run }\n}",
    to: '}',
  },
  {
    fault: 'revocation checking left on where the list cannot be reached',
    check: 'followed',
    from: "['reachable'] -eq $false)",
    to: "['reachable'] -eq $true)",
  },
  {
    fault: "SYSTEM's setting changed in place of the account's",
    check: 'accountCut',
    from: "  $sid = $Request['AccountSid']\n  $wanted = @()\n  $crl = $null",
    to: '  $sid = $systemSid\n  $wanted = @()\n  $crl = $null',
  },
  {
    fault: 'what cannot be seen taken for right',
    check: 'accountCut',
    from: "else { $return['stand'] = 'unmounted' }",
    to: "else { $return['stand'] = 'former' }",
  },
  {
    fault: 'a registry that stays mounted',
    check: 'accountCut',
    from: '    foreach ($sid in @(Get-ChangedAccount $Run)) {',
    to: '    foreach ($sid in @()) {',
  },
  {
    fault: 'what was seen right forgotten when the account logs off',
    check: 'account',
    from: "    foreach ($change in @($Result['settled'])) { Add-Settled $Run $change }\n",
    to: '',
  },
  {
    fault: 'a password tried again for an answer that was lost',
    check: 'account',
    from: '  if ($null -eq $known) {\n    $answer =',
    to: '  if ($true) {\n    $answer =',
  },
  {
    fault: 'a password kept with what the job was started with',
    check: 'account',
    from: "      'AccountSid' $sid `",
    to: "      'AccountSid' $sid 'AccountPassword' $AccountPassword `",
  },
]
