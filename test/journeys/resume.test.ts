import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { listRuns } from '../../src/commands/find-run.js'
import type { RunEvent } from '../../src/events/event.js'
import type { Fault } from '../../src/lab/model.js'
import { type StartedLab, startLab } from '../lab/start-lab.js'
import { applyRollup, differences, exroll, journalOf } from './exroll.js'

let started: StartedLab | undefined
afterEach(async () => {
  await started?.dispose()
  started = undefined
})

async function fleet(
  servers: number,
  faults: Fault[] = [],
  timeScale = 600,
): Promise<{ lab: StartedLab; runs: string }> {
  started = await startLab({ servers, seed: 7, timeScale, installSeconds: 240, faults })
  return { lab: started, runs: join(started.folder, 'runs') }
}

const start = (lab: StartedLab, runs: string, words: string[] = []) =>
  exroll([
    ...['run', applyRollup, '-i', lab.inventory, '--yes', '--ui', 'ndjson', '--runs-dir', runs],
    ...['--set', 'rollout.between.soak=0s', ...words],
  ])

const resume = (runs: string, words: string[] = []) =>
  exroll(['resume', '--ui', 'ndjson', '--runs-dir', runs, ...words])

const folderOf = (runs: string) => join(runs, listRuns(runs)[0] ?? '')

const startedSteps = (events: readonly RunEvent[], server: string) =>
  events.flatMap(event => (event.type === 'step.started' && event.server === server ? [event.step] : []))

describe('resume', () => {
  it('goes on elsewhere from a copied run folder, without the first one', async () => {
    const { lab, runs } = await fleet(3)
    const before = lab.lab.state()
    const first = start(lab, runs)
    await first.says(/"type":"step.started"[^\n]*"step":"install"/)
    first.child.kill('SIGKILL')
    await first.ended
    const copy = join(lab.folder, 'elsewhere', 'the-run')
    cpSync(folderOf(runs), copy, { recursive: true })
    rmSync(runs, { recursive: true })

    const { exitCode, stderr } = await exroll(['resume', copy, '--ui', 'quiet']).ended
    expect(exitCode, stderr).toBe(0)
    const after = lab.lab.state()
    for (const name of Object.keys(after.servers)) {
      expect(after.servers[name]?.installsStarted).toBe(1)
      expect(differences(before, after, name)).toEqual([])
    }
  })

  it('-i takes hosts and credentials of another inventory, as another machine has them', async () => {
    const { lab, runs } = await fleet(2)
    const first = start(lab, runs)
    await first.says(/"type":"step.started"[^\n]*"step":"install"/)
    first.child.kill('SIGKILL')
    await first.ended
    const password = readFileSync(`${lab.inventory}.password`, 'utf8').trim()
    const other = join(lab.folder, 'other.yaml')
    writeFileSync(other, readFileSync(lab.inventory, 'utf8').replace(/file: .*$/m, 'env: EXROLL_TEST_PASSWORD'))
    rmSync(`${lab.inventory}.password`)
    const without = await resume(runs).ended
    expect(without).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('SECRET_FILE_UNREADABLE') })
    const words = ['resume', '--ui', 'quiet', '--runs-dir', runs, '-i', other]
    const { exitCode, stderr } = await exroll(words, { EXROLL_TEST_PASSWORD: password }).ended
    expect(exitCode, stderr).toBe(0)
    for (const server of Object.values(lab.lab.state().servers)) expect(server.installsStarted).toBe(1)
  })

  it('is refused while another process carries the run out, which is named', async () => {
    const { lab, runs } = await fleet(1, [], 60)
    const first = start(lab, runs)
    await first.says(/"type":"step.started"[^\n]*"step":"install"/)
    const run = listRuns(runs)[0] ?? ''
    const { exitCode, stderr } = await resume(runs).ended
    expect(exitCode).toBe(3)
    expect(stderr).toContain(`run ${run} is already carried out by process ${first.child.pid}`)
    expect(stderr).toContain('RUN_IS_LIVE')
    expect((await exroll(['runs', '--runs-dir', runs]).ended).stdout).toMatch(new RegExp(`^${run} +running`))
    expect((await exroll(['status', '--runs-dir', runs]).ended).stdout).toContain(
      `carried out by process ${first.child.pid}`,
    )

    first.child.kill('SIGKILL')
    await first.ended
    expect((await exroll(['runs', '--runs-dir', runs]).ended).stdout).toMatch(new RegExp(`^${run} +interrupted`))
    const status = await exroll(['status', '--runs-dir', runs]).ended
    expect(status.stdout).toContain(`It was interrupted. Go on: exroll resume ${join(runs, run)}`)
  })

  it('lets only one of two that start at once have the run', async () => {
    const { lab, runs } = await fleet(1, [], 120)
    const first = start(lab, runs)
    await first.says(/"type":"step.started"[^\n]*"step":"install"/)
    first.child.kill('SIGKILL')
    await first.ended
    const ends = await Promise.all([resume(runs), resume(runs), resume(runs)].map(each => each.ended))
    expect(ends.map(end => end.exitCode).sort()).toEqual([0, 3, 3])
    for (const end of ends.filter(({ exitCode }) => exitCode === 3)) expect(end.stderr).toContain('RUN_IS_LIVE')
    expect(lab.lab.state().servers['ex-mbx-01']?.installsStarted).toBe(1)
  })

  it('leaves failed servers alone unless asked; --retry-failed is a second attempt, once the cause is gone', async () => {
    const { lab, runs } = await fleet(2, [{ name: 'execution-policy', server: 'ex-cas-01' }])
    const leave = ['--set', 'settings.execution_policy=leave', '--set', 'rollout.max_fail=1']
    expect((await start(lab, runs, leave).ended).exitCode).toBe(2)

    const again = await resume(runs).ended
    expect(again.exitCode).toBe(2)
    expect(lab.lab.state().servers['ex-cas-01']?.installsStarted).toBe(1)

    // What the operator does about it.
    lab.lab
      .server('ex-cas-01')
      .registry.set(
        'HKLM\\SOFTWARE\\Microsoft\\PowerShell\\1\\ShellIds\\Microsoft.PowerShell',
        'ExecutionPolicy',
        'RemoteSigned',
      )
    const retried = await resume(runs, ['--retry-failed']).ended
    expect(retried.exitCode, retried.stderr).toBe(0)
    const state = lab.lab.state().servers
    expect(state['ex-cas-01']).toMatchObject({ installsStarted: 2, build: '8.1.311.3', tasks: [] })
    expect(state['ex-mbx-01']?.installsStarted).toBe(1)
    const attempts = journalOf(folderOf(runs)).flatMap(event =>
      event.type === 'step.started' && event.server === 'ex-cas-01' && event.step === 'install' ? [event.attempt] : [],
    )
    expect(attempts).toEqual([1, 2])
  })

  it('--from-step behind the install begins there, and starts no second install', async () => {
    const { lab, runs } = await fleet(1)
    const first = start(lab, runs)
    await first.says(/"type":"step.started"[^\n]*"step":"verify"/)
    first.child.kill('SIGKILL')
    await first.ended
    const seen = journalOf(folderOf(runs)).length
    const { exitCode, stderr } = await resume(runs, ['--from-step', 'services']).ended
    expect(exitCode, stderr).toBe(0)
    expect(startedSteps(journalOf(folderOf(runs)).slice(seen), 'ex-mbx-01')).toEqual([
      ...['connect', 'facts', 'precheck', 'snapshot'],
      ...['services', 'verify', 'maintenance-off', 'collect', 'diagnose'],
    ])
    expect(lab.lab.state().servers['ex-mbx-01']).toMatchObject({ installsStarted: 1, tasks: [] })
  })

  it('--from-step refuses a step that does not exist', async () => {
    const { exitCode, stderr } = await exroll(['resume', '--from-step', 'instal']).ended
    expect(exitCode).toBe(3)
    expect(stderr).toContain('instal')
  })

  it('takes both nodes of a CCR pair to their end, whichever was under way', async () => {
    for (const event of [
      /"type":"server.finished"[^\n]*"server":"ex-mbx-02/,
      /"type":"step.started"[^\n]*"server":"ex-mbx-02.","step":"install"/,
    ]) {
      const { lab, runs } = await fleet(8)
      const before = lab.lab.state()
      const limit = ['--limit', 'cluster:*']
      const first = start(lab, runs, limit)
      await first.says(event)
      first.child.kill('SIGKILL')
      await first.ended
      const { exitCode, stdout } = await resume(runs).ended
      expect(exitCode, stdout).toBe(0)
      const after = lab.lab.state()
      for (const name of ['ex-mbx-02a', 'ex-mbx-02b']) {
        expect(after.servers[name]).toMatchObject({ installsStarted: 1, build: '8.1.311.3' })
        expect(differences(before, after, name)).toEqual([])
      }
      await lab.dispose()
      started = undefined
    }
  })
})
