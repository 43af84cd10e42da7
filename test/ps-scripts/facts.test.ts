import { beforeAll, describe, expect, it } from 'vitest'
import { missingHostReason, powershellHost } from '../powershell-host/host.js'
import { answer, type Case, call, hostsTimeoutMs, runCases, type StepResult } from './memory-server/cases.js'
import { adminSid, exchangeFiles, exchangeRegistry, places, systemSid } from './memory-server/world.js'

const facts = call('Get-ServerFact', { Accounts: [systemSid, systemSid], JobAccount: '' })

const cases = {
  exchange: {
    world: { registry: { ...exchangeRegistry, [places.crl]: 0x23c00, [places.policy]: 'RemoteSigned' } },
    files: exchangeFiles,
    steps: [facts],
  },
  none: { steps: [facts] },
  absent: { world: { registry: { [places.crl]: 0 } }, steps: [facts] },
  policies: {
    world: {
      registry: {
        [places.machinePolicyOn]: 1,
        [places.machinePolicy]: 'AllSigned',
        [places.policy32]: 'Restricted',
        [places.installerLogging]: 'voicewarmup!',
      },
    },
    steps: [facts],
  },
  scriptsOff: { world: { registry: { [places.machinePolicyOn]: 0 } }, steps: [facts] },
  interim: {
    world: {
      registry: Object.fromEntries(
        Object.entries(exchangeRegistry).map(([place, value]) => [
          place,
          place.includes('|DisplayName|') && place.includes('Patches')
            ? 'Interim Update for Exchange Server 2007 (KB958093)'
            : value,
        ]),
      ),
    },
    files: exchangeFiles,
    steps: [facts],
  },
} satisfies Record<string, Case>

describe.skipIf(powershellHost() === undefined)(`facts in a real PowerShell ${missingHostReason()}`, () => {
  const results: Partial<Record<keyof typeof cases, StepResult[] | undefined>> = {}
  const of = (name: keyof typeof cases) => answer('Get-ServerFact', results[name]?.[0])

  beforeAll(async () => {
    const all = await runCases(Object.values(cases))
    for (const [index, name] of (Object.keys(cases) as (keyof typeof cases)[]).entries()) results[name] = all[index]
  }, hostsTimeoutMs)

  it('says what Exchange is there, by the file version of ExSetup.exe', () => {
    expect(of('exchange').exchange).toEqual({
      generation: '2007',
      installPath: 'C:\\Program Files\\Microsoft\\Exchange Server\\',
      build: '8.1.278.2',
      architecture: 'x64',
      productCode: '{24B2C164-DE66-44FE-B468-A46D9D5E6B31}',
      roles: ['cas', 'mailbox'],
    })
    expect(of('none').exchange).toBeNull()
  })

  it('names the updates by the codes that the registry keeps packed', () => {
    expect(of('exchange').updates).toEqual([
      {
        patchCode: '{09679EB4-B32D-4F10-88C9-34299B366C5B}',
        displayName: 'Update Rollup 2 for Exchange Server 2007 (KB935490) 8.0.711.2',
        kb: 'KB935490',
        interim: false,
      },
    ])
    expect(of('interim').updates).toMatchObject([{ kb: 'KB958093', interim: true }])
  })

  it('gives the settings of the accounts asked for and of the one that asks, each once', () => {
    expect(of('exchange').settings.crl).toEqual({ [systemSid]: 0x23c00, [adminSid]: null })
    expect(of('exchange').settings.serverCertificateRevocation).toEqual({ [systemSid]: null, [adminSid]: null })
    expect(of('exchange').settings.installerLogging).toBeNull()
  })

  it('tells a value that is 0 from one that is absent', () => {
    expect(of('absent').settings.crl[systemSid]).toBe(0)
    expect(of('none').settings.crl[systemSid]).toBeNull()
  })

  it('reads every scope of the execution policy, a forbidding Group Policy as Restricted', () => {
    expect(of('exchange').settings.executionPolicy).toEqual({
      MachinePolicy: null,
      UserPolicy: null,
      CurrentUser: null,
      LocalMachine: 'RemoteSigned',
      LocalMachine32: null,
    })
    expect(of('policies').settings).toMatchObject({
      executionPolicy: { MachinePolicy: 'AllSigned', LocalMachine: null, LocalMachine32: 'Restricted' },
      installerLogging: { logging: 'voicewarmup!', debug: null },
    })
    expect(of('scriptsOff').settings.executionPolicy.MachinePolicy).toBe('Restricted')
  })

  it('lists services with what they need', () => {
    expect(of('none').services[0]).toEqual({
      name: 'MSExchangeIS',
      displayName: 'Microsoft Exchange Information Store',
      startType: 'Automatic',
      state: 'Running',
      dependsOn: ['MSExchangeADTopology'],
    })
  })

  it('changes nothing', () => {
    for (const steps of Object.values(results)) {
      expect(steps?.[0]?.world.deeds).toEqual([])
      expect(steps?.[0]?.world.files.filter(file => file.includes('exroll'))).toEqual([])
    }
  })
})
