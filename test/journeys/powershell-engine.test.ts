import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { LabServerState, LabState } from '../../src/lab/model.js'
import { missingHostReason } from '../powershell-host/host.js'
import { applyRollup, differences, exroll, type LabProcess, labUp, root, run } from './exroll.js'

const reason = missingHostReason()
/** Whole rollouts with a process of PowerShell for every call. */
const limit = 600_000

let lab: LabProcess | undefined
afterEach(async () => {
  await lab?.end()
  lab = undefined
})

async function up(engine: 'model' | 'powershell', servers: number, timeScale: number, faults: string[] = []) {
  const words = faults.flatMap(fault => ['--fault', fault])
  const size = ['--servers', String(servers), '--seed', '7', '--time-scale', String(timeScale)]
  lab = await labUp([...size, '--engine', engine, '--install-seconds', '60', ...words])
  return lab
}

/** Without what two labs never share: how much was written, and a digest of when. */
function held(state: LabState): Record<string, Omit<LabServerState, 'digest' | 'writes'>> {
  return Object.fromEntries(
    Object.entries(state.servers).map(([name, { digest: _, writes: __, ...rest }]) => [name, rest]),
  )
}

function expectAsBefore(before: LabState, after: LabState): void {
  for (const name of Object.keys(after.servers)) expect(differences(before, after, name)).toEqual([])
}

describe.skipIf(reason !== '')(
  reason === '' ? 'servers that run the scripts in PowerShell' : `the engine powershell (skipped: ${reason})`,
  () => {
    it(
      'end as those of the model engine do: patched once, all else as before',
      async () => {
        const powershell = await up('powershell', 3, 10)
        const before = await powershell.state()
        const { exitCode, outcomes, stderr } = await run(powershell)
        expect(exitCode, stderr).toBe(0)
        const after = await powershell.state()
        expect(Object.keys(after.servers).map(name => outcomes[name])).toEqual(['changed', 'changed', 'changed'])
        expectAsBefore(before, after)
        await powershell.end()
        const model = await up('model', 3, 600)
        expect((await run(model)).exitCode).toBe(0)
        expect(held(after)).toEqual(held(await model.state()))
      },
      limit,
    )

    it(
      'have what keeps an install from running toggled and put back, and restart when one is owed',
      async () => {
        const faults = ['crl-unreachable@ex-mbx-01', 'execution-policy@ex-hub-01', 'services-disabled@ex-cas-01']
        const powershell = await up('powershell', 3, 10, [...faults, 'reboot-required@ex-hub-01'])
        const before = await powershell.state()
        const { exitCode, outcomes, events, stderr } = await run(powershell)
        expect(exitCode, stderr).toBe(0)
        const after = await powershell.state()
        expect(Object.keys(after.servers).map(name => outcomes[name])).toEqual(['changed', 'changed', 'changed'])
        expectAsBefore(before, after)
        for (const type of ['setting.changed', 'setting.restored']) {
          const settings = events.flatMap(event => (event.type === type && 'setting' in event ? [event.setting] : []))
          expect(settings).toContain('crl')
          expect(settings).toContain('execution-policy')
        }
        const reboot = events.find(
          event => event.type === 'step.finished' && event.step === 'reboot' && event.server === 'ex-hub-01',
        )
        expect(reboot).toMatchObject({ outcome: 'changed' })
      },
      limit,
    )

    it(
      'copy the package from a share by themselves, patched once',
      async () => {
        const share = ['--share', `\\\\fs01\\updates=${join(root, 'updates')}`, '--fault', 'corrupt-transfer']
        lab = await labUp([
          ...share,
          '--servers',
          '1',
          '--time-scale',
          '10',
          '--engine',
          'powershell',
          '--install-seconds',
          '60',
        ])
        const before = await lab.state()
        const path = '\\\\fs01\\updates\\Exchange2007-KB952580-x64-EN.msp'
        const { exitCode, events, stderr } = await run(lab, ['--set', `update.share='${path}'`])
        expect(exitCode, stderr).toBe(0)
        expect(events.some(event => event.type === 'step.progress' && event.note?.includes('damaged'))).toBe(false)
        const after = await lab.state()
        expectAsBefore(before, after)
        expect(after.servers['ex-mbx-01']?.installsStarted).toBe(1)
      },
      limit,
    )

    it(
      'restore themselves by the script of their guard when nobody follows any more',
      async () => {
        const powershell = await up('powershell', 1, 20, ['crl-unreachable'])
        const before = await powershell.state()
        const runs = ['--runs-dir', `${powershell.folder}/runs`]
        const started = exroll(['run', applyRollup, '-i', powershell.inventory, '--ui', 'ndjson', '--yes', ...runs])
        await started.says(/"type":"step.started"[^\n]*"step":"install"/)
        started.child.kill('SIGKILL')
        await started.ended
        const after = await atRest(powershell)
        expectAsBefore(before, after)
        expect(after.servers['ex-mbx-01']?.installsStarted).toBe(1)
      },
      limit,
    )

    it(
      'run the install as an account, and mount its registry to put it right when it was cut short and has logged off',
      async () => {
        const powershell = await up('powershell', 1, 20, ['crl-unreachable', 'reboot-mid-install'])
        const before = await powershell.state()
        const runs = ['--runs-dir', `${powershell.folder}/runs`]
        const words = ['run', applyRollup, '-i', powershell.inventory, '--ui', 'ndjson', '--yes', ...runs]
        const started = exroll([...words, '--set', 'install.run_as=job'])
        await started.says(/"type":"step.started"[^\n]*"step":"install"/)
        started.child.kill('SIGKILL')
        const { stdout } = await started.ended
        const after = await atRest(powershell)
        const crl = after.servers['ex-mbx-01']?.crl ?? {}
        const account = Object.keys(crl).find(sid => before.servers['ex-mbx-01']?.crl[sid] === undefined) ?? ''
        expect(stdout).toContain(`"setting":"crl","scope":"${account}","from":null,"to":${0x23e00}`)
        expect(crl).toEqual({ ...before.servers['ex-mbx-01']?.crl, [account]: null })
        expect(after.servers['ex-mbx-01']?.installsStarted).toBe(1)
      },
      limit,
    )
  },
)

/** Looks until the servers have taken their guards away. */
async function atRest(of: LabProcess): Promise<LabState> {
  for (let look = 0; look < 600; look++) {
    const state = await of.state()
    if (Object.values(state.servers).every(server => server.tasks.length === 0)) return state
    await new Promise(resolve => setTimeout(resolve, 500))
  }
  throw new Error(`a guard is still there: ${JSON.stringify(await of.state())}`)
}
