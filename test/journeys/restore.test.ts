import { afterEach, describe, expect, it } from 'vitest'
import { differences, exroll, type LabProcess, labUp, run } from './exroll.js'

let lab: LabProcess | undefined
afterEach(async () => {
  await lab?.end()
  lab = undefined
})

async function up(...faults: string[]): Promise<LabProcess> {
  const words = faults.flatMap(fault => ['--fault', fault])
  lab = await labUp(['--servers', '2', '--seed', '11', '--time-scale', '600', ...words])
  return lab
}

const json = (text: string) => JSON.parse(text) as { servers: { name: string; [key: string]: unknown }[] }

describe('exroll restore', () => {
  it('lists a setting that a run could not put back, exits 6 while the server refuses it, and cures it once it is allowed', async () => {
    // The guard tries again every five minutes of the server; here that is long enough to be there first.
    lab = await labUp([
      ...['--servers', '2', '--seed', '11', '--time-scale', '20', '--install-seconds', '0'],
      ...['--fault', 'restore-refused@ex-cas-01'],
    ])
    const { inventory, state } = lab
    const before = await state()
    const patched = await run(lab)
    expect(patched.exitCode).toBe(6)

    const shown = await exroll(['restore', '-i', inventory]).ended
    expect(shown.stdout).toMatch(/ex-cas-01:\n {2}run .*guard is armed\n {4}crl S-1-5-18: 0x23e00 -> (0x23c00|absent)/)
    expect(shown.stdout).toContain('ex-mbx-01: as before')
    expect(shown).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('CONFIRMATION_NEEDED') })

    const refused = await exroll(['restore', '-i', inventory, '--yes']).ended
    expect(refused).toMatchObject({ exitCode: 6, stdout: expect.stringContaining('STUCK crl S-1-5-18') })

    await exroll(['lab', 'allow', 'restore-refused@ex-cas-01', '--inventory', inventory]).ended
    const cured = await exroll(['restore', '-i', inventory, '--yes', '--json']).ended
    expect(cured.exitCode, cured.stderr).toBe(0)
    const [found] = json(cured.stdout).servers.filter(({ name }) => name === 'ex-cas-01')
    expect(found).toMatchObject({ outcome: { restored: [{ setting: 'crl' }], stuck: [] } })
    expect(differences(before, await state(), 'ex-cas-01')).toEqual([])
    expect(await exroll(['restore', '-i', inventory]).ended).toMatchObject({ exitCode: 0 })
  })

  it('cures a server that a broken patch left with disabled services, so that a run takes it again', async () => {
    const { inventory, state } = await up('poisoned-service-state@ex-cas-01')
    const blocked = await run(lab as LabProcess, ['--set', 'rollout.max_fail=100%'])
    expect(blocked.causes['ex-cas-01']).toBe('poisoned-service-state')

    const without = await exroll(['restore', '-i', inventory]).ended
    expect(without.exitCode).toBe(0)
    expect(without.stdout).toMatch(/ex-cas-01: no run of exroll left anything; \d+ services are Disabled/)
    const untouched = (await state()).servers['ex-cas-01']

    const cured = await exroll(['restore', '-i', inventory, '--from-defaults', '--yes']).ended
    expect(cured.exitCode, cured.stdout + cured.stderr).toBe(0)
    expect(cured.stdout).toMatch(/start-type W3SVC: Disabled -> Automatic, and started/)
    expect(cured.stdout).toMatch(/: Disabled -> Manual, not started/)
    const after = (await state()).servers['ex-cas-01']
    for (const { name, startType, state: now } of after?.services ?? []) {
      const was = untouched?.services.find(service => service.name === name)
      if (was?.startType !== 'Disabled') continue
      if (startType === 'Manual') expect([name, now]).toEqual([name, 'Stopped'])
      if (startType === 'Automatic') expect([name, now]).toEqual([name, 'Running'])
    }
    const again = await run(lab as LabProcess)
    expect(again.outcomes).toEqual({ 'ex-cas-01': 'changed', 'ex-mbx-01': 'ok' })
  })

  it('says who could not be reached, and exits 4 when that is everybody', async () => {
    const { inventory } = await up('auth-failure')
    const end = await exroll(['restore', '-i', inventory]).ended
    expect(end).toMatchObject({ exitCode: 4, stdout: expect.stringContaining('ex-cas-01: AUTH_FAILED') })
  })
})

describe('exroll facts', () => {
  it('reads what the servers are and writes nothing', async () => {
    const { inventory, state } = await up('interim-update@ex-cas-01', 'missing-cached-patch@ex-mbx-01')
    const end = await exroll(['facts', '-i', inventory, '--json']).ended
    expect(end.exitCode, end.stderr).toBe(0)
    const [cas] = json(end.stdout).servers.filter(({ name }) => name === 'ex-cas-01')
    expect(cas).toMatchObject({
      exchange: { build: '8.1.291.9' },
      updates: expect.arrayContaining([expect.objectContaining({ interim: true })]),
    })
    const text = (await exroll(['facts', '-i', inventory]).ended).stdout
    expect(text).toContain('(interim)')
    expect(text).toMatch(/installer cache: C:\\Windows\\Installer\\\w+\.msp is missing/)
    for (const server of Object.values((await state()).servers)) expect(server.writes).toBe(0)
  })
})

describe('exroll cleanup', () => {
  it('removes what settled runs left, keeps the package the update came from, and finds nothing the second time', async () => {
    const { inventory } = await up()
    expect((await run(lab as LabProcess)).exitCode).toBe(0)
    const shown = await exroll(['cleanup', '-i', inventory]).ended
    expect(shown.exitCode).toBe(3)
    expect(shown.stdout).toMatch(/KB952580-x64-EN\.msp: stays, .*KB952580.* was installed from it/)
    const removed = await exroll(['cleanup', '-i', inventory, '--yes', '--json']).ended
    expect(removed.exitCode, removed.stderr).toBe(0)
    for (const server of json(removed.stdout).servers) expect(server.removed).toHaveLength(1)
    const again = await exroll(['cleanup', '-i', inventory, '--json']).ended
    expect(again.exitCode).toBe(0)
    for (const server of json(again.stdout).servers)
      expect(server).toMatchObject({ runs: [], packages: [{ neededBy: expect.stringContaining('KB952580') }] })
  })
})
