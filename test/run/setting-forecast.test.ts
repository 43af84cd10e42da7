import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SettingsPolicy } from '../../src/playbook/model.js'
import { forecastSettings } from '../../src/run/setting-forecast.js'
import { healthyFact, readiness } from './fixture.js'

const usual: SettingsPolicy = {
  crlCheck: 'auto',
  serverCertificateRevocation: 'leave',
  executionPolicy: 'auto',
  after: 'previous',
}
const unreachable = readiness({ crl: { reachable: false, detail: 'offline' } })

/** Facts with these execution policies in the two registry views. */
function withPolicy(LocalMachine: string | null, change: { CurrentUser?: string; LocalMachine32?: string } = {}) {
  const fact = healthyFact()
  const executionPolicy = { ...fact.settings.executionPolicy, LocalMachine, LocalMachine32: 'RemoteSigned', ...change }
  return { ...fact, settings: { ...fact.settings, executionPolicy } }
}

describe('what a dry run says of settings', () => {
  it('turns bit 0x200 on where the CRL cannot be reached, keeps every other bit, and puts the very value back', () => {
    fc.assert(
      fc.property(fc.option(fc.integer({ min: 0, max: 0x3ffff })), before => {
        const fact = healthyFact()
        const settings = { ...fact.settings, crl: { 'S-1-5-18': before } }
        const { changes, restores } = forecastSettings({
          policy: usual,
          fact: { ...fact, settings },
          readiness: unreachable,
        })
        const state = before ?? 0x23c00
        if ((state & 0x200) !== 0) {
          expect({ changes, restores }).toEqual({ changes: [], restores: [] })
          return
        }
        const [change] = changes
        expect(Number(change?.to) ^ state).toBe(0x200)
        expect(restores).toEqual([{ ...change, from: change?.to, to: before }])
      }),
    )
  })

  it('says each value before, during and after, and why', () => {
    const { lines } = forecastSettings({ policy: usual, fact: withPolicy('Restricted'), readiness: unreachable })
    expect(lines.map(({ text }) => text)).toEqual([
      'crl S-1-5-18: 0x23c00 before, 0x23e00 during, 0x23c00 after; the CRL cannot be reached (offline)',
      'execution-policy LocalMachine: Restricted before, RemoteSigned during, Restricted after; scripts could not run under Restricted',
    ])
  })

  it('is not sure where nobody knows whether the CRL can be reached', () => {
    const unknown = readiness({ crl: { reachable: null, detail: '' } })
    const { lines } = forecastSettings({ policy: usual, fact: healthyFact(), readiness: unknown })
    expect(lines[0]?.sure).toBe('unknown until the job asks as SYSTEM')
  })

  it('is about the account that the install runs as, and not sure while that is not logged on', () => {
    const fact = healthyFact()
    const sid = 'S-1-5-21-1-2-3-1109'
    const jobAccount = { name: 'CONTOSO\\exjob', sid, administrator: true, mounted: true, storesPasswords: true }
    const settings = { ...fact.settings, crl: { ...fact.settings.crl, [sid]: null } }
    const mounted = forecastSettings({ policy: usual, fact: { ...fact, jobAccount, settings }, readiness: unreachable })
    expect(mounted.changes).toEqual([{ setting: 'crl', scope: sid, from: null, to: 0x23e00 }])
    expect(mounted.restores).toEqual([{ setting: 'crl', scope: sid, from: 0x23e00, to: null }])
    const policy: SettingsPolicy = { ...usual, serverCertificateRevocation: 'off-during-install' }
    const away = forecastSettings({ policy, fact: { ...fact, jobAccount }, readiness: unreachable })
    expect(away).toMatchObject({ changes: [], restores: [] })
    expect(away.lines.slice(0, 2)).toEqual([
      {
        sure: "unknown until the job's account is logged on",
        text: `crl ${sid}: goes off for the install and back; its registry is not mounted now`,
      },
      {
        sure: "unknown until the job's account is logged on",
        text: `server-certificate-revocation ${sid}: goes off for the install and back`,
      },
    ])
  })

  it('leaves alone what the playbook leaves, what works, and what a Group Policy sets', () => {
    const leave: SettingsPolicy = { ...usual, crlCheck: 'leave', executionPolicy: 'leave' }
    const changed = (fact: ReturnType<typeof withPolicy>, policy = usual) =>
      forecastSettings({ policy, fact, readiness: readiness() }).changes
    expect(forecastSettings({ policy: leave, fact: withPolicy('Restricted'), readiness: unreachable }).changes).toEqual(
      [],
    )
    expect(changed(withPolicy('Unrestricted'))).toEqual([])
    expect(changed(withPolicy('Restricted', { CurrentUser: 'Bypass' }))).toEqual([])
    const ruled = withPolicy('Restricted')
    ruled.settings.executionPolicy.MachinePolicy = 'AllSigned'
    expect(changed(ruled)).toEqual([])
  })

  it('lets the 32-bit view follow, and never decide', () => {
    const scopes = (fact: ReturnType<typeof withPolicy>) =>
      forecastSettings({ policy: usual, fact, readiness: readiness() }).changes.map(({ scope }) => scope)
    expect(scopes(withPolicy('Restricted', { LocalMachine32: 'Restricted' }))).toEqual([
      'LocalMachine',
      'LocalMachine32',
    ])
    expect(scopes(withPolicy('RemoteSigned', { LocalMachine32: 'Restricted' }))).toEqual([])
  })

  it('after: recommended ends with checking on and RemoteSigned', () => {
    const policy: SettingsPolicy = { ...usual, after: 'recommended' }
    const { restores } = forecastSettings({ policy, fact: withPolicy('Restricted'), readiness: unreachable })
    expect(restores.map(({ setting, to }) => [setting, to])).toEqual([['crl', 0x23c00]])
  })
})
