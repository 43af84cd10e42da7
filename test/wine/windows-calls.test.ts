import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WinePrefix, whyNoWine } from './wine.js'

const reason = whyNoWine()
const title = 'the Windows calls, unchanged, under wine'

describe.skipIf(reason !== '')(reason === '' ? title : `${title} (skipped: ${reason})`, () => {
  let windows: WinePrefix
  beforeAll(async () => {
    windows = await WinePrefix.make()
  })
  afterAll(() => windows?.close())

  /** What reg.exe shows of a value: kind and data; undefined when it is not there. */
  async function registry(key: string, name: string): Promise<string | undefined> {
    const { exitCode, stdout } = await windows.run(['reg.exe', 'query', key, '/v', name])
    return exitCode === 0 ? /^\s+\S+\s+(REG_\w+)\s+(.*)$/m.exec(stdout)?.slice(1, 3).join(' ').trim() : undefined
  }

  /** Asks the service manager through a program of the tests' own. */
  async function service(...words: string[]): Promise<void> {
    const { exitCode, stderr } = await windows.run(['C:\\service.exe', ...words])
    if (exitCode !== 0) throw new Error(`service ${words.join(' ')}: ${exitCode} ${stderr}`)
  }

  describe('registry', () => {
    const values = [
      ['String', "'Restricted'", 'REG_SZ Restricted', 'Restricted'],
      ['ExpandString', "'%SystemRoot%\\x'", 'REG_EXPAND_SZ %SystemRoot%\\x', '%SystemRoot%\\x'],
      ['DWord', '([long]0)', 'REG_DWORD 0x0', 0],
      ['DWord', '([long]0x23e00)', 'REG_DWORD 0x23e00', 0x23e00],
      ['DWord', '([long]4294967295)', 'REG_DWORD 0xffffffff', 4294967295],
      ['MultiString', "@('W3SVC', 'IISADMIN')", 'REG_MULTI_SZ W3SVC\\0IISADMIN', ['W3SVC', 'IISADMIN']],
      ['MultiString', "@('alone')", 'REG_MULTI_SZ alone', ['alone']],
      ['Binary', '([byte[]]@(0, 1, 255))', 'REG_BINARY 0001FF', [0, 1, 255]],
    ] as const

    it('keeps every kind as it is, as another program sees it too', async () => {
      const lines = values.map(
        ([kind, value], index) =>
          `Out '${index}' { Set-RegistryValue 'HKLM' 'SOFTWARE\\exroll-kinds' 'v${index}' '64' '${kind}' ${value}; $x = Get-RegistryValue 'HKLM' 'SOFTWARE\\exroll-kinds' 'v${index}' '64'; if ($x -is [byte[]]) { @($x | ForEach-Object { [int]$_ }) } else { , $x } }`,
      )
      const read = await windows.powershell(
        `${lines.join('\n')}\nOut 'qword' { Set-RegistryValue 'HKLM' 'SOFTWARE\\exroll-kinds' 'q' '64' 'QWord' ([long]4611686018427387905); (Get-RegistryValue 'HKLM' 'SOFTWARE\\exroll-kinds' 'q' '64').ToString() }`,
      )
      for (const [index, [, , shown, value]] of values.entries()) {
        expect(read[index]).toEqual(value)
        expect(await registry('HKLM\\SOFTWARE\\exroll-kinds', `v${index}`)).toBe(shown)
      }
      expect(read.qword).toBe('4611686018427387905')
    })

    it('keeps the two views apart', async () => {
      const read = await windows.powershell(`
$place = @('HKLM', 'SOFTWARE\\exroll-views', 'policy')
Set-RegistryValue $place[0] $place[1] $place[2] '64' 'String' 'sixty-four'
Out 'only64' { Get-RegistryValue $place[0] $place[1] $place[2] '32' }
Set-RegistryValue $place[0] $place[1] $place[2] '32' 'String' 'thirty-two'
Out 'one' { Get-RegistryValue $place[0] $place[1] $place[2] '64' }
Out 'other' { Get-RegistryValue $place[0] $place[1] $place[2] '32' }
Remove-RegistryValue $place[0] $place[1] $place[2] '64'
Out 'left' { Get-RegistryValue $place[0] $place[1] $place[2] '32' }`)
      expect(read).toEqual({ only64: null, one: 'sixty-four', other: 'thirty-two', left: 'thirty-two' })
      expect(await registry('HKLM\\SOFTWARE\\Wow6432Node\\exroll-views', 'policy')).toBe('REG_SZ thirty-two')
      expect(await registry('HKLM\\SOFTWARE\\exroll-views', 'policy')).toBeUndefined()
    })

    it('puts absence back as absence, which is not 0', async () => {
      const read = await windows.powershell(
        `
$sid = 'S-1-5-18'
Out 'before' { Get-SettingValue 'crl' $sid }
Set-SettingValue 'crl' $sid ([long]0x23e00)
Out 'during' { Get-SettingValue 'crl' $sid }
Set-SettingValue 'crl' $sid $null
Out 'after' { Get-SettingValue 'crl' $sid }
Set-SettingValue 'crl' $sid $null
Set-SettingValue 'crl' $sid ([long]0)
Out 'zero' { Get-SettingValue 'crl' $sid }
Set-SettingValue 'crl' $sid $null
Out 'same' { Test-SameValue ([long]0) (Get-SettingValue 'crl' $sid) }`,
        ['shared/Setting.ps1'],
      )
      expect(read).toEqual({ before: null, during: 0x23e00, after: null, zero: 0, same: false })
      const key =
        'HKU\\S-1-5-18\\Software\\Microsoft\\Windows\\CurrentVersion\\WinTrust\\Trust Providers\\Software Publishing'
      expect(await registry(key, 'State')).toBeUndefined()
    })

    it('lists keys, and tells one that is not there', async () => {
      const read = await windows.powershell(`
Set-RegistryValue 'HKLM' 'SOFTWARE\\exroll-keys\\one' 'v' '64' 'DWord' ([long]1)
Set-RegistryValue 'HKLM' 'SOFTWARE\\exroll-keys\\two' 'v' '64' 'DWord' ([long]1)
Out 'names' { @(Get-RegistrySubkey 'HKLM' 'SOFTWARE\\exroll-keys' '64') }
Out 'none' { @(Get-RegistrySubkey 'HKLM' 'SOFTWARE\\exroll-nothing' '64').Length }
Out 'there' { Test-RegistryKey 'HKLM' 'SOFTWARE\\exroll-keys' '64' }
Out 'gone' { Test-RegistryKey 'HKLM' 'SOFTWARE\\exroll-nothing' '64' }
Out 'value' { Get-RegistryValue 'HKLM' 'SOFTWARE\\exroll-nothing' 'v' '64' }
Remove-RegistryValue 'HKLM' 'SOFTWARE\\exroll-nothing' 'v' '64'`)
      expect(read).toEqual({ names: ['one', 'two'], none: 0, there: true, gone: false, value: null })
    })
  })

  describe('services', () => {
    beforeAll(async () => {
      await service('install', 'ExrollBase')
      await service('install', 'ExrollTop', 'ExrollBase')
    })

    it('are listed with start type, state and what they need', async () => {
      const read = await windows.powershell(`
Out 'top' { @(Get-ServiceList | Where-Object { $_['name'] -ceq 'ExrollTop' })[0] }
Out 'none' { Get-ServiceState 'ExrollNothing' }`)
      expect(read).toEqual({
        top: {
          name: 'ExrollTop',
          displayName: 'ExrollTop',
          startType: 'Automatic',
          state: 'Stopped',
          dependsOn: ['ExrollBase'],
        },
        none: null,
      })
    })

    it('go from running to stopped and disabled, back to what they were, and run again', async () => {
      // Windows starts what a service needs by itself, wine does not.
      const started = await windows.powershell(`
foreach ($name in @('ExrollBase', 'ExrollTop')) { Start-ServiceNow $name; Wait-Running $name; Out $name { Get-ServiceState $name } }`)
      expect(started).toEqual({ ExrollBase: 'Running', ExrollTop: 'Running' })
      await service('stop', 'ExrollTop')
      const read = await windows.powershell(`
function Get-StartType { (Get-ServiceList | Where-Object { $_['name'] -ceq 'ExrollTop' })['startType'] }
Out 'stopped' { Get-ServiceState 'ExrollTop' }
Set-ServiceStartType 'ExrollTop' 'Disabled'
Out 'disabled' { Get-StartType }
Out 'refused' { Start-ServiceNow 'ExrollTop' }
foreach ($type in @('Manual', 'AutomaticDelayed', 'Automatic')) { Set-ServiceStartType 'ExrollTop' $type; Out $type { Get-StartType } }
Start-ServiceNow 'ExrollTop'
Wait-Running 'ExrollTop'
Out 'running' { Get-ServiceState 'ExrollTop' }
Out 'unknown' { Set-ServiceStartType 'ExrollNothing' 'Manual' }
Out 'noType' { Set-ServiceStartType 'ExrollTop' 'Sometimes' }`)
      expect(read).toMatchObject({
        stopped: 'Stopped',
        disabled: 'Disabled',
        Manual: 'Manual',
        AutomaticDelayed: 'AutomaticDelayed',
        Automatic: 'Automatic',
        running: 'Running',
        noType: { error: 'no start type Sometimes' },
      })
      expect(read.refused).toHaveProperty('error')
      expect(JSON.stringify(read.unknown)).toContain('1060')
    })

    it('do not hear of a start type that is written into the registry behind the service manager', async () => {
      await service('stop', 'ExrollTop')
      const read = await windows.powershell(`
Set-ServiceStartType 'ExrollTop' 'Disabled'
Set-RegistryValue 'HKLM' 'SYSTEM\\CurrentControlSet\\Services\\ExrollTop' 'Start' '64' 'DWord' ([long]2)
Out 'behind' { Start-ServiceNow 'ExrollTop' }
Set-ServiceStartType 'ExrollTop' 'Automatic'
Start-ServiceNow 'ExrollTop'
Wait-Running 'ExrollTop'
Out 'asked' { Get-ServiceState 'ExrollTop' }`)
      expect(read.behind).toHaveProperty('error')
      expect(read.asked).toBe('Running')
    })
  })

  describe('the machine', () => {
    it('says what it is, and that this logon has a full token', async () => {
      const read = await windows.powershell(`
Out 'name' { Get-ComputerName }
Out 'os' { (Get-OsVersion).Major }
Out 'wide' { Test-64BitWindows }
Out 'logon' { $l = Get-Logon; New-Record 'elevated' $l['elevated'] 'sid' $l['sid'] }
Out 'folders' { @((Get-CommonDataFolder), (Get-SystemDriveFolder), (Get-WindowsFolder).ToLower(), (Get-PowerShellPath).ToLower()) }
Out 'free' { (Get-FreeBytes 'C:\\windows') -gt 0 }
Out 'version' { (Get-FileVersion 'C:\\windows\\system32\\msiexec.exe') -match '^\\d+\\.\\d+\\.\\d+\\.\\d+$' }
Out 'noVersion' { Get-FileVersion 'C:\\nothing.exe' }
Out 'machine' { Get-FileArchitecture 'C:\\windows\\system32\\msiexec.exe' }`)
      expect(read).toMatchObject({
        os: 10,
        wide: true,
        logon: { elevated: true, sid: expect.stringMatching(/^S-1-5-21-/) },
        folders: [
          'C:\\ProgramData',
          'C:\\',
          'c:\\windows',
          'c:\\windows\\system32\\windowspowershell\\v1.0\\powershell.exe',
        ],
        free: true,
        version: true,
        noVersion: null,
        machine: 'x64',
      })
      expect(read.name).toMatch(/\S/)
    })

    it('copies what it can read over what was there, and says why it cannot read', async () => {
      // More than is read at once.
      const bytes = randomBytes(2_500_000)
      writeFileSync(windows.path('shared.msp'), bytes)
      writeFileSync(windows.path('copied.part'), Buffer.alloc(3_000_000))
      // What a refusal is called in COM's numbers takes wine's COM along.
      const read = await windows.powershell(
        `Out 'copied' { $a = Copy-SharedFile 'C:\\shared.msp' 'C:\\copied.part'; New-Record 'result' $a['result'] 'bytes' $a['bytes'] 'own' ($a['account'] -ceq (Get-Logon)['user']) }
Out 'noFile' { (Copy-SharedFile 'C:\\nothing.msp' 'C:\\other.part')['result'] }
Out 'noFolder' { (Copy-SharedFile 'C:\\nothing\\nothing.msp' 'C:\\other.part')['result'] }`,
        undefined,
        { mayDie: true },
      )
      expect(read).toEqual({
        copied: { result: 0, bytes: bytes.length, own: true },
        noFile: 0x80070002,
        noFolder: 0x80070003,
      })
      expect(readFileSync(windows.path('copied.part')).equals(bytes)).toBe(true)
    })

    it('has one boot for all its processes, another after a restart, and a clock that only grows', async () => {
      const look = "Out 'boot' { Get-BootId }\nOut 'up' { Get-UptimeMilliseconds }"
      const first = await windows.powershell(look)
      const second = await windows.powershell(look)
      expect(second.boot).toBe(first.boot)
      expect(first.boot).toMatch(/^\S+$/)
      expect(Number(second.up)).toBeGreaterThan(Number(first.up))
      await windows.shutDown()
      await windows.boot()
      expect((await windows.powershell(look)).boot).not.toBe(first.boot)
    })

    it('tells a process from a later one with its number', async () => {
      const read = await windows.powershell(`
$own = Get-OwnProcessId
Out 'own' { (Get-ProcessStart $own) -ceq (Get-ProcessStart $own) }
Out 'plain' { (Get-ProcessStart $own) -match '^\\d+$' }
Out 'none' { Get-ProcessStart 99999 }`)
      expect(read).toEqual({ own: true, plain: true, none: null })
    })
  })

  describe('the directory', () => {
    it.for<[string, string | undefined, boolean, RegExp]>([
      ['without a domain', undefined, false, /no domain controller.* 1355 /],
      ['with an open secure channel', '0', true, /logged on to exlab\.example$/],
      ['with a channel that found nobody', '1311', false, /exlab\.example: .*Status = 1311 /],
    ])('is asked for by nltest: %s', async ([, status, reachable, detail]) => {
      if (status !== undefined) writeFileSync(windows.path('nltest.txt'), status)
      const read = await windows.powershell(`
Set-RegistryValue 'HKLM' 'SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters' 'Domain' '64' 'String' 'exlab.example'
$found = Get-DirectoryReach
Out 'reachable' { $found['reachable'] }
Out 'detail' { $found['detail'] }`)
      expect(read).toEqual({ reachable, detail: expect.stringMatching(detail) })
    })
  })

  describe('files', () => {
    it('are closed to others once protected; before, it says who may write', async () => {
      mkdirSync(windows.path('exroll-state'))
      chmodSync(windows.path('exroll-state'), 0o777)
      const read = await windows.powershell(`
Out 'open' { Get-FolderFault 'C:\\exroll-state' }
Protect-Folder 'C:\\exroll-state'
Out 'protected' { Get-FolderFault 'C:\\exroll-state' }`)
      // wine keeps a list as the modes of Unix, in which the account that owns the prefix stays: here the administrator who asks.
      expect(read).toEqual({ open: 'S-1-1-0 may change it', protected: '' })
    })

    it('of the administrator by name are not closed where that account has a second token: User Account Control', async () => {
      mkdirSync(windows.path('exroll-owned'))
      const key = "'HKLM' 'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System' 'EnableLUA' '64'"
      const read = await windows.powershell(`
Protect-Folder 'C:\\exroll-owned'
Out 'off' { Get-FolderFault 'C:\\exroll-owned' }
Set-RegistryValue ${key} 'DWord' 1
Out 'on' { Get-FolderFault 'C:\\exroll-owned' }
Remove-RegistryValue ${key}
Out 'default' { Get-FolderFault 'C:\\exroll-owned' }
Set-RegistryValue ${key} 'DWord' 0`)
      const byName = expect.stringMatching(/^(?:S-1-5-21-.* may change it|its owner is S-1-5-21-.*)$/)
      expect(read).toEqual({ off: '', on: byName, default: byName })
    })
  })

  describe('the installer', () => {
    it('is started with its log switch, waited for, and answers for a package that is not there', async () => {
      const read = await windows.powershell(`
$installer = Start-Installer 'C:\\nothing.msp' 'C:\\nothing.log' '/lxv*'
Out 'code' { Wait-Installer $installer 60000 }
Out 'mutex' { Test-InstallerMutex }
Out 'busy' { Test-InstallerInProgress }
$held = [Activator]::CreateInstance([Threading.Mutex], [object[]]@($true, 'Global\\_MSIExecute'))
Out 'held' { Test-InstallerMutex }
Set-RegistryValue 'HKLM' 'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Installer\\InProgress' '' '64' 'String' 'x'
Out 'inProgress' { Test-InstallerInProgress }
Out 'crl' { (Test-CrlReach 'C:\\nothing.msp')['reachable'] }
Out 'unsigned' { (Test-CrlReach 'C:\\windows\\system32\\msiexec.exe')['reachable'] }`)
      // 1635 on Windows (windows-target.md).
      expect(read).toEqual({
        code: 1627,
        mutex: false,
        busy: false,
        held: true,
        inProgress: true,
        crl: null,
        unsigned: null,
      })
    })

    it('is ended when it is still that process, and no other', async () => {
      const read = await windows.powershell(`
$start = [Activator]::CreateInstance([Diagnostics.ProcessStartInfo], [object[]]@('C:\\windows\\system32\\ping.exe', '-n 60 127.0.0.1'))
$start.UseShellExecute = $false
$start.RedirectStandardOutput = $true
$process = [Diagnostics.Process]::Start($start)
$known = Get-ProcessStart $process.Id
Stop-Installer $process.Id 'another start'
Out 'spared' { -not $process.HasExited }
Stop-Installer $process.Id $known
Out 'ended' { $process.WaitForExit(20000) }`)
      expect(read).toEqual({ spared: true, ended: true })
    })
  })

  describe('tasks', () => {
    it('are registered from a definition, found, and taken away', async () => {
      const read = await windows.powershell(
        `
$xml = Get-TaskXml 'C:\\windows\\system32\\cmd.exe' '/c exit' $true $systemSid
Out 'made' { Register-SystemTask 'exroll-guard-r1' $xml 'cmd.exe' '/c exit' 'C:\\' $true }
Out 'again' { Register-SystemTask 'exroll-guard-r1' $xml 'cmd.exe' '/c exit' 'C:\\' $true }
Out 'there' { Test-SystemTask 'exroll-guard-r1' }
Out 'file' { [IO.File]::Exists('C:\\exroll-guard-r1.xml') }
Unregister-SystemTask 'exroll-guard-r1'
Unregister-SystemTask 'exroll-guard-r1'
Out 'gone' { Test-SystemTask 'exroll-guard-r1' }
Out 'broken' { Register-SystemTask 'exroll-broken' '<Task>' 'cmd.exe' '' 'C:\\' $false }`,
        ['shared/Task.ps1'],
      )
      expect(read).toMatchObject({
        made: 'exroll-guard-r1',
        again: 'exroll-guard-r1',
        there: true,
        file: false,
        gone: false,
      })
      expect(JSON.stringify(read.broken)).toContain('schtasks.exe')
      expect(existsSync(windows.path('windows', 'system32', 'Tasks', 'exroll-guard-r1'))).toBe(false)
    })
  })

  describe('tasks of a named account', () => {
    // wine's own scheduler answers nobody who binds late; the calls to it are those that its msxml gets here.
    it("take members of COM objects by their names, and objects as arguments (asked of msxml, not of wine's scheduler)", async () => {
      const read = await windows.powershell(
        `
$document = [Activator]::CreateInstance([Type]::GetTypeFromProgID('Msxml2.DOMDocument'))
Out 'xml' {
  $task = Invoke-TaskMember $document 'createElement' 'InvokeMethod' @('Task')
  [void](Invoke-TaskMember $document 'appendChild' 'InvokeMethod' @($task.PSObject.BaseObject))
  [void](Invoke-TaskMember $task 'text' 'SetProperty' @('a < b'))
  [void](Invoke-TaskMember $task 'setAttribute' 'InvokeMethod' @('id', [int]6))
  (Invoke-TaskMember $document 'xml' 'GetProperty' @()).Trim()
}
Out 'refusal' { try { Invoke-TaskMember $document 'nothing' 'InvokeMethod' @($null) } catch { (New-Refusal $_)['result'] } }`,
        ['shared/Task.ps1'],
        { mayDie: true },
      )
      // DISP_E_UNKNOWNNAME (winerror.h).
      expect(read).toEqual({ xml: '<Task id="6">a &lt; b</Task>', refusal: 0x80020006 })
    })
  })

  describe('accounts', () => {
    it('are found by the names that an inventory has for them, or mean nobody', async () => {
      const read = await windows.powershell(`
$own = [Security.Principal.WindowsIdentity]::GetCurrent()
Out 'whole' { (Find-AccountSid $own.Name) -ceq $own.User.Value }
Out 'local' { (Find-AccountSid ('.\\' + [Environment]::UserName)) -ceq $own.User.Value }
Out 'system' { Find-AccountSid 'NT AUTHORITY\\SYSTEM' }
Out 'nobody' { Find-AccountSid 'CONTOSO\\nobody' }`)
      expect(read).toEqual({ whole: true, local: true, system: 'S-1-5-18', nobody: null })
    })

    it('have their registry mounted by reg.exe, whose refusal is told (of wine only that: its reg.exe cannot load a file)', async () => {
      const read = await windows.powershell(
        `
$sid = 'S-1-5-21-1-2-3-1109'
Out 'none' { Mount-AccountHive $sid }
Set-RegistryValue 'HKLM' ($profileList + $sid) 'ProfileImagePath' '64' 'ExpandString' '%SystemDrive%\\Users\\exjob'
Out 'refused' { Mount-AccountHive $sid }
Out 'nothing' { Dismount-AccountHive $sid }
Out 'readable' { Test-ScopeReadable $sid }
Set-RegistryValue 'HKU' ($sid + '\\Software') 'v' '64' 'DWord' ([long]1)
Out 'mounted' { Get-HiveName $sid }
Out 'there' { Mount-AccountHive $sid }`,
        ['shared/Hive.ps1'],
      )
      expect(read).toMatchObject({
        none: 'the registry of S-1-5-21-1-2-3-1109 cannot be reached: it has no profile on this server',
        nothing: '',
        readable: false,
        mounted: 'S-1-5-21-1-2-3-1109',
        there: '',
      })
      expect(read.refused).toContain(
        'reg.exe load "HKU\\exroll-S-1-5-21-1-2-3-1109" "C:\\Users\\exjob\\NTUSER.DAT" ended with 1',
      )
    })
  })

  describe('the event log', () => {
    it('gets its source registered, and takes an entry', async () => {
      const read = await windows.powershell(`
Out 'written' { Write-EventLogEntry 1 'Information' 'Run r1: the guard found this server as it was before.' }
Out 'exported' { Export-EventLog 'C:\\events.txt' ([DateTime]::UtcNow.AddHours(-1)) }`)
      // wine takes entries and keeps none.
      expect(read).toEqual({ written: null, exported: false })
      const key = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\exroll'
      expect((await windows.run(['reg.exe', 'query', key])).exitCode).toBe(0)
    })
  })

  it('has no cluster where there is no cluster service', async () => {
    expect(await windows.powershell("Out 'cluster' { Get-ClusteredMailboxServerFact }")).toEqual({ cluster: null })
  })
})
