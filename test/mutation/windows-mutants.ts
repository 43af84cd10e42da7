/** A fault of one line in ps-scripts/windows: the text with `from` in it gets `to` instead. */
export interface WindowsMutant {
  fault: string
  from: string
  to: string
  /** Part of the name of the test in test/wine that has to notice it. */
  test: string
}

export const windowsMutants: WindowsMutant[] = [
  {
    fault: 'both registry views are one',
    from: "return 'SOFTWARE\\Wow6432Node\\' + $Key.Substring(9)",
    to: 'return $Key',
    test: 'keeps the two views apart',
  },
  {
    fault: 'a DWord with a sign',
    from: '([long]$value -band [long]4294967295)',
    to: '[long]$value',
    test: 'keeps every kind as it is',
  },
  {
    fault: 'a list of one becomes its only text',
    from: 'return , $value',
    to: 'return $value',
    test: 'keeps every kind as it is',
  },
  {
    fault: 'names of variables are expanded',
    from: '::DoNotExpandEnvironmentNames',
    to: '::None',
    test: 'keeps every kind as it is',
  },
  {
    fault: 'absence as 0',
    from: '$open.DeleteValue($Name, $false)',
    to: '$open.SetValue($Name, 0)',
    test: 'puts absence back as absence',
  },
  {
    fault: 'a start type written behind the back of the service manager',
    from: "$ended = Invoke-Program (Get-SystemProgram 'sc.exe') (",
    to: "$number = [long][Array]::IndexOf($startTypeNames, $StartType); Set-RegistryValue 'HKLM' (Get-ServiceKey $Name) 'Start' '64' 'DWord' $number; $ended = New-Record 'exitCode' 0 'words' (",
    test: 'go from running to stopped and disabled',
  },
  {
    fault: 'the delay of a start forgotten',
    from: "'AutomaticDelayed' = 'delayed-auto'",
    to: "'AutomaticDelayed' = 'auto'",
    test: 'go from running to stopped and disabled',
  },
  {
    fault: 'a start type that was refused taken as set',
    from: "if ($ended['exitCode'] -ne 0) { throw ('sc.exe config",
    to: "if ($false) { throw ('sc.exe config",
    test: 'go from running to stopped and disabled',
  },
  {
    fault: "somebody else's process ended",
    from: 'if ((Get-ProcessStart $Id) -cne $Start) { return }',
    to: '',
    test: 'is ended when it is still that process',
  },
  {
    fault: 'the installer at work not seen',
    from: "    [Threading.Mutex]::OpenExisting('Global\\_MSIExecute').Close()\n    return $true",
    to: "    [Threading.Mutex]::OpenExisting('Global\\_MSIExecute').Close()\n    return $false",
    test: 'is started with its log switch',
  },
  {
    fault: 'a folder that others may write is trusted',
    from: '$changingRights = 0x500D0156',
    to: '$changingRights = 0',
    test: 'are closed to others once protected',
  },
  {
    fault: 'the account that asks trusted by name, though it has a second token',
    from: "'EnableLUA' '64') -ne 0)",
    to: "'EnableLUA' '64') -eq 2)",
    test: 'of the administrator by name are not closed',
  },
  {
    fault: 'all boots are one',
    from: "return 'since-' + $process.get_StartTime().ToFileTimeUtc().ToString()",
    to: "return 'since'",
    test: 'has one boot for all its processes',
  },
  {
    fault: 'a name that means nobody taken for a broken server',
    from: '-is [Security.Principal.IdentityNotMappedException]) { return $null }',
    to: '-is [Security.Principal.IdentityNotMappedException]) { throw }',
    test: 'are found by the names',
  },
  {
    fault: 'a profile looked for in a folder with a variable in its name',
    from: '[Environment]::ExpandEnvironmentVariables($ProfileFolder)',
    to: '$ProfileFolder',
    test: 'have their registry mounted by reg.exe',
  },
  {
    fault: 'a refusal of the scheduler with a sign',
    from: "GetHRForException($cause) -band [long]4294967295) 'text'",
    to: "GetHRForException($cause)) 'text'",
    test: 'take members of COM objects',
  },
  {
    fault: 'a refusal of a share with a sign',
    from: "GetHRForException($cause) -band [long]4294967295) 'text'",
    to: "GetHRForException($cause)) 'text'",
    test: 'copies what it can read',
  },
  {
    fault: 'a task that stays',
    from: "Invoke-TaskProgram ('/Delete /TN \"' + $each + '\" /F')",
    to: '',
    test: 'are registered from a definition',
  },
]
