import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAnswerReader, openEnvelope } from '../../src/scripts/answer.js'
import { callLine } from '../../src/scripts/bootstrap.js'
import { encodeCall } from '../../src/scripts/call.js'
import { type ScriptArguments, type ScriptName, type ScriptResult, systemSid } from '../../src/scripts/catalog.js'
import { loadGuardScript } from '../../src/scripts/load.js'
import { windowsPrograms } from './build.js'
import { WinePrefix, whyNoWine } from './wine.js'

const reason = whyNoWine()
const title = 'the scripts whole, with their own Windows calls, under wine'
const run = '20081014-200000-ab12'
const publishing = `HKU\\${systemSid}\\Software\\Microsoft\\Windows\\CurrentVersion\\WinTrust\\Trust Providers\\Software Publishing`
const shell = 'HKLM\\SOFTWARE\\Microsoft\\PowerShell\\1\\ShellIds\\Microsoft.PowerShell'

describe.skipIf(reason !== '')(reason === '' ? title : `${title} (skipped: ${reason})`, { timeout: 300_000 }, () => {
  let windows: WinePrefix

  /** A call as it comes over a session. Throws `ScriptError` with the envelope's code. */
  async function call<N extends ScriptName>(name: N, args: ScriptArguments<N>): Promise<ScriptResult<N>> {
    const answer = createAnswerReader(() => undefined)
    const words = [windowsPrograms.powershell, ...callLine.split(' ').slice(1)]
    const { stdout, stderr } = await windows.run(words, encodeCall(name, args).stdin)
    answer.take(Buffer.from(stdout))
    answer.end()
    if (answer.envelope === undefined) throw new Error(`${name} gave no envelope: ${stdout}${stderr}`)
    return openEnvelope(name, answer.envelope) as ScriptResult<N>
  }

  /** What reg.exe shows of a value; undefined when it is not there. */
  async function value(key: string, name: string): Promise<string | undefined> {
    const { exitCode, stdout } = await windows.run(['reg.exe', 'query', key, '/v', name])
    return exitCode === 0 ? /^\s+\S+\s+REG_\w+\s+(.*)$/m.exec(stdout)?.[1]?.trim() : undefined
  }

  const snapshot = (id = run) => call('New-Snapshot', { Run: id, Accounts: [systemSid], Defaults: [], Before: '' })
  const arm = (id = run) => {
    const { text, sha256 } = loadGuardScript()
    return call('Register-Guard', { Run: id, LeaseMinutes: 10, GuardScript: text, GuardSha256: sha256 })
  }
  const entries = () =>
    readFileSync(windows.path('ProgramData', 'exroll', 'runs', run, 'journal.ndjson'), 'utf8')
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line))

  beforeAll(async () => {
    windows = await WinePrefix.make()
    await windows.run(['reg.exe', 'add', publishing, '/v', 'State', '/t', 'REG_DWORD', '/d', '0x100', '/f'])
  }, 300_000)
  afterAll(() => windows?.close())

  it('reads facts and readiness, and writes nothing', async () => {
    const fact = await call('Get-ServerFact', { Accounts: [systemSid], JobAccount: '' })
    expect(fact).toMatchObject({ osVersion: '10.0.18362', exchange: null, cluster: null, logon: { elevated: true } })
    expect(fact.settings.crl[systemSid]).toBe(0x100)
    expect(fact.settings.executionPolicy.LocalMachine).toBeNull()
    expect(fact.services.map(({ name }) => name)).toContain('Eventlog')
    const ready = await call('Test-ServerReadiness', {
      PackageName: 'a.msp',
      PackageSha256: 'a'.repeat(64),
      PackageBytes: 1,
      PatchCode: '{09679EB4-B32D-4F10-88C9-34299B366C5B}',
      ProductCodes: [],
    })
    expect(ready).toMatchObject({ elevated: true, armedRun: null, installerBusy: false, staged: false })
    expect(() => readFileSync(windows.path('ProgramData', 'exroll'))).toThrow('ENOENT')
  })

  it('takes one snapshot, arms one guard, and refuses another run', async () => {
    expect((await snapshot()).created).toBe(true)
    expect((await snapshot()).created).toBe(false)
    expect(await arm()).toEqual({ armed: true, tasks: [`exroll-guard-${run}`] })
    expect(await arm()).toEqual({ armed: true, tasks: [`exroll-guard-${run}`] })
    await snapshot('another')
    await expect(arm('another')).rejects.toMatchObject({ code: 'RUN_ARMED' })
  })

  it('runs the job: bit 0x200 and the policy for the install, exactly what was there after it', async () => {
    const package_ = 'C:\\exroll-test\\no-package.msp'
    mkdirSync(windows.path('exroll-test'))
    writeFileSync(windows.path('exroll-test', 'no-package.msp'), 'no package')
    const { job } = await windows.powershell(
      `
Set-JobRequest '${run}' (New-Record 'PackagePath' '${package_}' 'LogSwitch' '/lxv*' 'CrlCheck' 'off-during-install' 'ServerCertificateRevocation' 'off-during-install' 'ExecutionPolicy' 'RemoteSigned' 'After' 'previous' 'BusyMinutes' 1 'ServiceTimeoutSeconds' 5 'AccountSid' 'S-1-5-18')
Set-StateFile (Get-RunFile '${run}' 'job.log-name') 'install.log'
Out 'job' { Invoke-Job '${run}'; 'done' }`,
      ['shared/Job.ps1'],
    )
    expect(job).toBe('done')
    // wine's own scheduler changes its start type when it is first asked.
    const settings = entries().filter(entry => entry.type === 'setting' && entry.setting !== 'start-type')
    expect(settings.map(({ change, setting, from, to }) => `${change} ${setting} ${from} ${to}`)).toEqual([
      `changed crl ${0x100} ${0x300}`,
      'changed server-certificate-revocation null 0',
      'changed execution-policy null RemoteSigned',
      'changed execution-policy null RemoteSigned',
      `restored crl ${0x300} ${0x100}`,
      'restored server-certificate-revocation 0 null',
      'restored execution-policy RemoteSigned null',
      'restored execution-policy RemoteSigned null',
    ])
    expect(entries().filter(({ type }) => type === 'exit')).toHaveLength(1)
    expect(entries().at(-1)).toMatchObject({ type: 'ended' })
    expect(await value(publishing, 'State')).toBe('0x100')
    expect(await value(shell, 'ExecutionPolicy')).toBeUndefined()
  })

  it('puts back what a job left that was cut, by a call, and disarms', async () => {
    await windows.powershell(`Out 'set' { Set-RecordedValue '${run}' (Get-CrlChange '${systemSid}') ([long]0x100) }`, [
      'shared/Job.ps1',
    ])
    expect(await value(publishing, 'State')).toBe('0x300')
    const restored = await call('Restore-ServerState', { Run: run, ServiceTimeoutSeconds: 10 })
    expect(restored).toMatchObject({ stuck: [], foreign: [], disarmed: true })
    expect(restored.restored).toContainEqual({ setting: 'crl', scope: systemSid, from: 0x300, to: 0x100 })
    expect(await value(publishing, 'State')).toBe('0x100')
    const verified = await call('Test-Installation', { Run: run, ExpectedBuild: '', PatchCode: '' })
    expect(verified.differing.filter(({ setting }) => setting !== 'start-type')).toEqual([])
    expect(
      await call('Get-InstallProgress', { Run: run, AfterSeq: 0, LogOffset: 0, LogLine: 0, WaitSeconds: 0 }),
    ).toMatchObject({
      job: 'ended',
      guard: 'disarmed',
    })
  })

  it('starts again what was stopped and disabled, in the order that it is needed', async () => {
    for (const words of [['ExrollBase'], ['ExrollTop', 'ExrollBase']]) {
      await windows.run(['C:\\service.exe', 'install', ...words])
    }
    await windows.powershell(
      `foreach ($name in @('ExrollBase', 'ExrollTop')) { Start-ServiceNow $name; Wait-Running $name }`,
    )
    await snapshot('services')
    for (const name of ['ExrollTop', 'ExrollBase']) {
      await windows.run(['C:\\service.exe', 'stop', name])
      await windows.run(['sc.exe', 'config', name, 'start=', 'disabled'])
    }
    const result = await call('Start-SnapshotService', { Run: 'services', TimeoutSeconds: 60 })
    expect(result).toMatchObject({
      started: ['ExrollBase', 'ExrollTop'],
      stuck: [],
      errors: [],
      services: { down: [] },
    })
    expect(result.restored.map(({ scope, from }) => `${scope} ${from}`)).toEqual(
      expect.arrayContaining(['ExrollBase Disabled', 'ExrollTop Disabled']),
    )
  })
})
