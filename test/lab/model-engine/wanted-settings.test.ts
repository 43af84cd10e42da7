import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { executionPolicyFact, settingsFact } from '../../../src/lab/model-engine/settings.js'
import { wantedChanges } from '../../../src/lab/model-engine/wanted-settings.js'
import {
  internetSettings,
  machinePolicy,
  shellPolicy,
  softwarePublishing,
  systemSid,
} from '../../../src/lab/world/windows-places.js'
import { forecastSettings } from '../../../src/run/setting-forecast.js'
import { call, mailboxServer, sha256 } from './server.js'

const policies = ['RemoteSigned', 'Unrestricted', 'Restricted', 'AllSigned', 'Bypass', null] as const

const state = fc.record({
  crl: fc.constantFrom('reachable', 'slow', 'unreachable'),
  trust: fc.option(fc.integer({ min: 0, max: 0x3ffff })),
  certificates: fc.constantFrom(0, 1, null),
  machine: fc.constantFrom(...policies),
  machine32: fc.constantFrom(...policies),
  groupPolicy: fc.constantFrom('AllSigned', null),
})

const policy = fc.record({
  crlCheck: fc.constantFrom('auto', 'off-during-install', 'leave'),
  serverCertificateRevocation: fc.constantFrom('leave', 'off-during-install'),
  executionPolicy: fc.constantFrom('auto', 'RemoteSigned', 'Unrestricted', 'leave'),
  after: fc.constantFrom('previous', 'recommended'),
})

describe('what the job changes', () => {
  it('is what a dry run foretells, and so is what goes back, of SYSTEM and of an account that is logged on', async () => {
    await fc.assert(
      fc.asyncProperty(state, policy, fc.boolean(), async (found, wanted, named) => {
        const server = mailboxServer()
        const { registry } = server
        const sid = named ? server.account.sid : systemSid
        const user = named ? 'EXLAB\\exadmin' : ''
        server.network.crl = found.crl
        if (found.trust === null) registry.delete(softwarePublishing(sid), 'State')
        else registry.set(softwarePublishing(sid), 'State', found.trust)
        registry.delete(internetSettings(sid), 'CertificateRevocation')
        if (found.certificates !== null) {
          registry.set(internetSettings(sid), 'CertificateRevocation', found.certificates)
        }
        for (const view of ['64', '32'] as const) {
          const policy = view === '64' ? found.machine : found.machine32
          if (policy === null) registry.delete(shellPolicy, 'ExecutionPolicy', view)
          else registry.set(shellPolicy, 'ExecutionPolicy', policy, view)
        }
        if (found.groupPolicy !== null) {
          registry.set(machinePolicy, 'EnableScripts', 1)
          registry.set(machinePolicy, 'ExecutionPolicy', found.groupPolicy)
        }
        const fact = await call(server, 'Get-ServerFact', { Accounts: [systemSid], JobAccount: user })
        const readiness = await call(server, 'Test-ServerReadiness', {
          PackageName: 'x.msp',
          PackageSha256: sha256(''),
          PackageBytes: 0,
          PatchCode: '',
          ProductCodes: [],
        })
        const foretold = forecastSettings({ policy: wanted, fact, readiness })
        const logOff = server.hives.logOn(server.account)
        const made = wantedChanges(
          server,
          {
            CrlCheck: wanted.crlCheck,
            ServerCertificateRevocation: wanted.serverCertificateRevocation,
            ExecutionPolicy: wanted.executionPolicy,
            After: wanted.after,
          },
          sid,
        )
        logOff()
        expect(made.map(({ change }) => change)).toEqual(foretold.changes)
        const back = made.filter(({ change, goal }) => goal !== change.to)
        expect(back.map(({ change, goal }) => ({ ...change, from: change.to, to: goal }))).toEqual(foretold.restores)
      }),
      { numRuns: 60 },
    )
  })

  it('covers the 32-bit view where that has a policy of its own', () => {
    const server = mailboxServer()
    server.registry.set(shellPolicy, 'ExecutionPolicy', 'Restricted')
    server.registry.set(shellPolicy, 'ExecutionPolicy', 'Restricted', '32')
    const changes = wantedChanges(
      server,
      {
        CrlCheck: 'leave',
        ServerCertificateRevocation: 'leave',
        ExecutionPolicy: 'auto',
        After: 'previous',
      },
      systemSid,
    ).map(({ change }) => change.scope)
    expect(changes).toEqual(['LocalMachine', 'LocalMachine32'])
  })

  it('is nothing where only a Group Policy stands in the way', () => {
    const server = mailboxServer()
    server.registry.set(machinePolicy, 'EnableScripts', 0)
    expect(executionPolicyFact(server, systemSid).MachinePolicy).toBe('Restricted')
    expect(settingsFact(server, [systemSid]).executionPolicy.MachinePolicy).toBe('Restricted')
    const changes = wantedChanges(
      server,
      {
        CrlCheck: 'leave',
        ServerCertificateRevocation: 'leave',
        ExecutionPolicy: 'RemoteSigned',
        After: 'previous',
      },
      systemSid,
    )
    expect(changes).toEqual([])
  })
})
