import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { listRuns } from '../../src/commands/find-run.js'
import { type ControlClient, connectControl } from '../../src/control/client.js'
import type { RunEvent } from '../../src/events/event.js'
import type { Fault } from '../../src/lab/model.js'
import { type StartedLab, startLab } from '../lab/start-lab.js'
import { applyRollup, differences, exroll, journalOf, type Started } from './exroll.js'

let started: StartedLab | undefined
let client: ControlClient | undefined
afterEach(async () => {
  client?.close()
  client = undefined
  await started?.dispose()
  started = undefined
})

interface Rolling {
  lab: StartedLab
  runs: string
  run: Started
}

async function rolling(
  { servers = 2, faults = [], timeScale = 600 }: { servers?: number; faults?: Fault[]; timeScale?: number },
  words: string[] = [],
): Promise<Rolling> {
  started = await startLab({ servers, seed: 7, timeScale, installSeconds: 240, faults })
  const runs = join(started.folder, 'runs')
  const run = exroll([
    ...['run', applyRollup, '-i', started.inventory, '--yes', '--ui', 'ndjson', '--runs-dir', runs],
    ...['--set', 'rollout.between.soak=0s', ...words],
  ])
  return { lab: started, runs, run }
}

const folderOf = (runs: string) => join(runs, listRuns(runs)[0] ?? '')

async function door(runs: string): Promise<ControlClient> {
  client = await connectControl(folderOf(runs), 'jane')
  return client
}

const taken = (events: readonly RunEvent[]) =>
  events.flatMap(event =>
    event.type === 'control.taken' ? [`${event.action}${event.server === undefined ? '' : ` ${event.server}`}`] : [],
  )

describe('between.confirm', () => {
  it('waits for somebody’s yes before each further batch, in whatever process', async () => {
    const { runs, run, lab } = await rolling({}, ['--set', 'rollout.between.confirm=true'])
    await run.says('"action":"pause"')
    const id = listRuns(runs)[0] ?? ''
    expect(lab.lab.state().servers['ex-mbx-01']?.installsStarted).toBe(0)
    expect((await exroll(['status', id, '--runs-dir', runs]).ended).stdout).toContain(
      `exroll approve ${join(runs, id)}`,
    )
    const approved = await exroll(['approve', id, '--runs-dir', runs]).ended
    expect(approved.exitCode, approved.stderr).toBe(0)
    expect((await run.ended).exitCode).toBe(0)
    expect(taken(journalOf(folderOf(runs)))).toEqual(['pause', 'approve'])
    const late = await exroll(['approve', id, '--runs-dir', runs]).ended
    expect(late).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('RUN_NOT_LIVE') })
  })

  it('is asked again by resume when the run was killed while it waited', async () => {
    const { runs, run, lab } = await rolling({}, ['--set', 'rollout.between.confirm=true'])
    await run.says('"action":"pause"')
    run.child.kill('SIGKILL')
    await run.ended
    const again = exroll(['resume', '--ui', 'ndjson', '--runs-dir', runs])
    await again.says('"action":"pause"')
    expect(lab.lab.state().servers['ex-mbx-01']?.installsStarted).toBe(0)
    expect(await (await door(runs)).ask({ action: 'resume' })).toEqual({ granted: true })
    expect((await again.ended).exitCode).toBe(0)
  })

  it('ends with 5 when the operator stops instead', async () => {
    const { run } = await rolling({}, ['--set', 'rollout.between.confirm=true'])
    await run.says('"action":"pause"')
    run.child.kill('SIGTERM')
    expect((await run.ended).exitCode).toBe(5)
  })
})

describe('wishes of an operator', () => {
  it('pause: what runs is finished, nothing new starts until resume', async () => {
    const { runs, run, lab } = await rolling({})
    await run.says(/"type":"step.started"[^\n]*"step":"install"/)
    const jane = await door(runs)
    expect(await jane.ask({ action: 'pause' })).toEqual({ granted: true })
    expect(await jane.ask({ action: 'pause' })).toMatchObject({ granted: false })
    await run.says(/"type":"server.finished"[^\n]*"outcome":"changed"/)
    expect(lab.lab.state().servers['ex-mbx-01']).toMatchObject({ installsStarted: 0, writes: 0 })
    expect(await jane.ask({ action: 'resume' })).toEqual({ granted: true })
    expect((await run.ended).exitCode).toBe(0)
    expect(taken(journalOf(folderOf(runs)))).toEqual(['pause', 'resume'])
  })

  it('skip: only a server that was not started; resume takes it again', async () => {
    const { runs, run, lab } = await rolling({})
    await run.says(/"type":"step.started"[^\n]*"step":"install"/)
    const jane = await door(runs)
    expect(await jane.ask({ action: 'skip', server: 'ex-cas-01' })).toMatchObject({ granted: false })
    expect(await jane.ask({ action: 'skip', server: 'nobody' })).toMatchObject({ granted: false })
    expect(await jane.ask({ action: 'skip', server: 'ex-mbx-01' })).toEqual({ granted: true })
    const { exitCode, stdout } = await run.ended
    expect(exitCode).toBe(2)
    expect(stdout).toMatch(/"server":"ex-mbx-01","outcome":"skipped","cause":"operator"/)
    expect(lab.lab.state().servers['ex-mbx-01']?.writes).toBe(0)
    expect((await exroll(['resume', '--ui', 'quiet', '--runs-dir', runs]).ended).exitCode).toBe(0)
  })

  it('retry: a failed server again, as a new attempt, while the run goes on', async () => {
    const words = [
      '--set',
      'settings.execution_policy=leave',
      '--set',
      'rollout.max_fail=1',
      '--set',
      'rollout.between.confirm=true',
    ]
    const { runs, run, lab } = await rolling({ faults: [{ name: 'execution-policy', server: 'ex-cas-01' }] }, words)
    await run.says('"action":"pause"')
    lab.lab
      .server('ex-cas-01')
      .registry.set(
        'HKLM\\SOFTWARE\\Microsoft\\PowerShell\\1\\ShellIds\\Microsoft.PowerShell',
        'ExecutionPolicy',
        'RemoteSigned',
      )
    const jane = await door(runs)
    expect(await jane.ask({ action: 'retry', server: 'ex-mbx-01' })).toMatchObject({ granted: false })
    expect(await jane.ask({ action: 'retry', server: 'ex-cas-01' })).toEqual({ granted: true })
    await run.says(/"server":"ex-cas-01","outcome":"changed"/)
    expect(await jane.ask({ action: 'retry', server: 'ex-cas-01' })).toMatchObject({ granted: false })
    expect(await jane.ask({ action: 'approve' })).toEqual({ granted: true })
    const { exitCode, stderr } = await run.ended
    expect(exitCode, stderr).toBe(0)
    expect(lab.lab.state().servers['ex-cas-01']).toMatchObject({ installsStarted: 2, build: '8.1.311.3', tasks: [] })
  })

  it('restore: refused while the install runs or hangs, and nothing is harmed by asking', async () => {
    const words = ['--set', 'rollout.max_fail=1', '--set', 'rollout.between.confirm=true']
    const { runs, run, lab } = await rolling({ faults: [{ name: 'stall', server: 'ex-cas-01' }] }, words)
    const before = lab.lab.state()
    await run.says(/"type":"step.started"[^\n]*"step":"install"/)
    const jane = await door(runs)
    expect(await jane.ask({ action: 'restore', server: 'ex-cas-01' })).toMatchObject({
      granted: false,
      why: expect.stringContaining('under way'),
    })
    expect(await jane.ask({ action: 'restore', server: 'ex-mbx-01' })).toMatchObject({
      granted: false,
      why: expect.stringContaining('nothing was changed'),
    })
    await run.says('"action":"pause"')
    expect(await jane.ask({ action: 'restore', server: 'ex-cas-01' })).toMatchObject({
      granted: false,
      why: expect.stringContaining('nothing can be put back now'),
    })
    await jane.ask({ action: 'approve' })
    expect((await run.ended).exitCode).toBe(2)
    const after = lab.lab.state()
    expect(after.servers['ex-cas-01']?.tasks.length).toBeGreaterThan(0)
    expect(differences(before, after, 'ex-mbx-01')).toEqual([])
  })

  it('restore: puts a stuck setting back once that is allowed, and the run no longer ends with 6', async () => {
    const { runs, run, lab } = await rolling({ faults: [{ name: 'restore-refused', server: 'ex-cas-01' }] }, [
      '--set',
      'rollout.between.confirm=true',
    ])
    await run.says('"action":"pause"')
    const jane = await door(runs)
    expect(await jane.ask({ action: 'restore', server: 'ex-cas-01' })).toMatchObject({ granted: false })
    lab.lab.allow('restore-refused', 'ex-cas-01')
    expect(await jane.ask({ action: 'restore', server: 'ex-cas-01' })).toEqual({ granted: true })
    await jane.ask({ action: 'approve' })
    const { exitCode, stderr } = await run.ended
    expect(exitCode, stderr).toBe(0)
    expect(lab.lab.state().servers['ex-cas-01']).toMatchObject({ build: '8.1.311.3', tasks: [] })
  })
})
