import { describe, expect, it } from 'vitest'
import { precheck } from '../../../src/run/precheck/precheck.js'
import type { JobAccountFact, Readiness, ServerFact } from '../../../src/scripts/catalog.js'
import { healthyFact, readiness, rollup4 } from '../fixture.js'

function check({
  fact = {},
  ready = {},
  allow = [],
  disabled = {},
}: {
  fact?: Partial<ServerFact>
  ready?: Partial<Readiness>
  allow?: string[]
  disabled?: Record<string, string>
}) {
  return precheck(
    {
      run: 'this-run',
      fact: healthyFact(fact),
      readiness: readiness(ready),
      package: rollup4,
      disabledByAccident: disabled,
    },
    { allow, server: 'ex-cas-01' },
  )
}

const exchange = (change: object) => ({ exchange: { ...healthyFact().exchange, ...change } as ServerFact['exchange'] })
const policy = (change: object) => ({
  settings: { ...healthyFact().settings, executionPolicy: { ...healthyFact().settings.executionPolicy, ...change } },
})

const account = (change: Partial<JobAccountFact>, fact: Partial<ServerFact> = {}) => ({
  fact: {
    ...fact,
    jobAccount: {
      ...{
        name: 'CONTOSO\\exjob',
        sid: 'S-1-5-21-1-2-3-1109',
        administrator: true,
        mounted: false,
        storesPasswords: true,
      },
      ...change,
    },
  },
})

const refused: [string, Parameters<typeof check>[0]][] = [
  ['job-account-unsupported', account({}, { osVersion: '5.2.3790' })],
  ['job-account-unsupported', account({ name: 'CONTOSO\\exroll$' }, { osVersion: '6.1.7601' })],
  ['job-account-unknown', account({ sid: null, administrator: null })],
  ['job-account-policy', account({ storesPasswords: false })],
  ['job-account-rights', account({ administrator: false })],
  ['exchange-missing', { fact: { exchange: null } }],
  ['not-elevated', { ready: { elevated: false } }],
  ['run-in-progress', { ready: { armedRun: 'another-run' } }],
  ['wrong-architecture', { fact: exchange({ architecture: 'x86' }) }],
  ['not-applicable', { fact: exchange({ build: '8.2.176.2' }) }],
  ['not-applicable', { fact: exchange({ productCode: '{4934D1EA-BE46-48B1-8847-F1AF20E892C1}' }) }],
  [
    'interim-update',
    { fact: { updates: [{ patchCode: '{A}', displayName: 'Interim Update KB1', kb: 'KB1', interim: true }] } },
  ],
  ['gpo-execution-policy', { fact: policy({ MachinePolicy: 'AllSigned' }) }],
  ['gpo-execution-policy', { fact: policy({ UserPolicy: 'RemoteSigned' }) }],
  ['corruption', { ready: { registration: { productReadable: false, danglingPatches: ['{A}'] } } }],
  [
    'missing-cached-patch',
    {
      ready: {
        missingCache: [
          {
            kind: 'patch',
            path: 'C:\\Windows\\Installer\\5c321.msp',
            code: '{09679EB4-B32D-4F10-88C9-34299B366C5B}',
            packageName: 'Exchange2007-KB935490-x64-EN.msp',
            displayName: null,
          },
        ],
      },
    },
  ],
  [
    'poisoned-service-state',
    { ready: { leftoverState: ['C:\\ExchangeSetupLogs\\ServiceState.xml'] }, disabled: { W3SVC: 'Automatic' } },
  ],
  ['pending-reboot', { ready: { pendingReboot: ['PendingFileRenameOperations'] } }],
  ['disk-full', { ready: { freeBytes: 1000 } }],
]

describe('precheck', () => {
  it('lets a healthy server go', () => {
    expect(check({})).toEqual({ decision: 'go', note: '', blocks: [] })
  })

  it.each(refused)('refuses %s with a cure', (block, input) => {
    const result = check(input)
    expect(result.decision).toBe('blocked')
    expect(result.blocks.map(found => found.block)).toContain(block)
    for (const found of result.blocks) expect(found.remedy.length).toBeGreaterThan(20)
  })

  it.each(refused)('%s is let through by name, and by name@server, but not by name@other', (block, input) => {
    const opens = ![
      'exchange-missing',
      'not-elevated',
      'run-in-progress',
      'job-account-unsupported',
      'job-account-unknown',
    ].includes(block)
    const decision = (allow: string[]) => check({ ...input, allow }).decision
    expect(decision([block])).toBe(opens ? 'go' : 'blocked')
    expect(decision([`${block}@ex-cas-01`])).toBe(opens ? 'go' : 'blocked')
    expect(decision([`${block}@ex-cas-02`])).toBe('blocked')
  })

  it('names all blocks at once', () => {
    const result = check({
      fact: exchange({ architecture: 'x86' }),
      ready: { freeBytes: 0, pendingReboot: ['RebootPending'] },
    })
    expect(result.blocks.map(found => found.block)).toEqual(['wrong-architecture', 'pending-reboot', 'disk-full'])
  })

  it('says which release a missing cached patch belongs to: KB935490 is RTM RU2', () => {
    const [, input] = refused.find(([block]) => block === 'missing-cached-patch') ?? []
    expect(check(input ?? {}).blocks[0]?.message).toMatch(/5c321\.msp.*KB935490.*RTM.*RU2/s)
  })

  const registered = { patchCode: '{B}', displayName: 'Update Rollup 4 (KB952580)', kb: 'KB952580', interim: false }

  it('calls a server at the level current, and one beyond it superseded, naming what is there', () => {
    expect(check({ fact: { ...exchange({ build: '8.1.311.3' }), updates: [registered] } })).toMatchObject({
      decision: 'current',
      note: expect.stringMatching(/SP1 RU4/),
    })
    const newer = check({ fact: exchange({ build: '8.1.336.1' }) })
    expect(newer).toMatchObject({ decision: 'current', note: expect.stringMatching(/superseded.*SP1 RU5/) })
  })

  it('does not call a server current that has the build without the update: an install was cut short there', () => {
    expect(check({ fact: exchange({ build: '8.1.311.3' }) }).decision).toBe('go')
  })

  it('asks the package itself when superseded is let through', () => {
    const result = check({ fact: exchange({ build: '8.1.336.1' }), allow: ['superseded'] })
    expect(result).toMatchObject({ decision: 'go', blocks: [{ block: 'superseded', allowed: true }] })
  })

  it('does not mind its own guard being armed: a second attempt of the same run', () => {
    expect(check({ ready: { armedRun: 'this-run' } }).decision).toBe('go')
  })
})
