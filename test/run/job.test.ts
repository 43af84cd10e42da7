import { describe, expect, it } from 'vitest'
import { ScriptError } from '../../src/errors.js'
import type { RunEventBody } from '../../src/events/event.js'
import type { ServerContext } from '../../src/run/context.js'
import { createRunControl } from '../../src/run/control.js'
import { runJob } from '../../src/run/job.js'
import type { Link } from '../../src/run/link.js'
import { services } from '../../src/run/steps/services.js'
import { createTold } from '../../src/run/told.js'
import type { InstallProgress, JobEntry, RestoreResult, ScriptName, ScriptResults } from '../../src/scripts/catalog.js'
import { playbook, server } from '../plan/fleet.js'
import { rollup4 } from './fixture.js'

type Answers = { [N in ScriptName]?: (() => ScriptResults[N])[] }

/** Each call takes the next answer of its script; the last one repeats. */
function contextWith(answers: Answers) {
  const calls: ScriptName[] = []
  const events: RunEventBody[] = []
  const link: Link = {
    connect: async () => ({}),
    async call(name) {
      calls.push(name)
      const list = answers[name]
      const answer = list !== undefined && list.length > 1 ? list.shift() : list?.[0]
      if (answer === undefined) throw new ScriptError(`no answer for ${name}`, { code: 'NOT_SCRIPTED' })
      return answer() as never
    },
    use: () => Promise.reject(new Error('nothing is transferred here')),
    close: async () => undefined,
  }
  const context: ServerContext = {
    run: 'r',
    attempt: 1,
    jobStarted: false,
    told: createTold().of('a', 1),
    server: server('a'),
    playbook: playbook({}),
    package: { info: rollup4, file: '' },
    link,
    control: createRunControl(),
    emit: async body => {
      events.push(body)
    },
    folder: '',
    found: { packagePath: 'C:\\u.msp' },
  }
  return { calls, events, context }
}

const refuses = (code: string) => (): never => {
  throw new ScriptError(`refused: ${code}`, { code })
}

function progress(job: InstallProgress['job'], entries: JobEntry[] = []): InstallProgress {
  return { entries, job, installerActive: false, guard: 'armed', uptimeMs: 1000, log: null }
}

const entries = (exitCode: number): JobEntry[] =>
  [
    { type: 'step', step: 'settings-on', status: 'finished', outcome: 'ok' },
    { type: 'step', step: 'install', status: 'started' },
    { type: 'exit', code: exitCode },
    { type: 'step', step: 'install', status: 'finished', outcome: exitCode === 0 ? 'changed' : 'failed' },
    { type: 'step', step: 'settings-restore', status: 'started' },
    { type: 'step', step: 'settings-restore', status: 'finished', outcome: 'ok' },
    { type: 'ended', exitCode },
  ].map((entry, index) => ({ seq: index + 1, at: '2008-10-14T22:00:00.000Z', ...entry }) as JobEntry)

const restored: RestoreResult = {
  restored: [{ setting: 'crl', scope: 'S-1-5-18', from: 0x23e00, to: 0x23c00 }],
  stuck: [],
  foreign: [],
  services: { running: 0, expected: 2, down: ['MSExchangeIS', 'W3SVC'] },
  disarmed: false,
}

describe('the job on a server', () => {
  it('arms the guard once more where it had disarmed itself, and starts then', async () => {
    const { calls, context } = contextWith({
      'Start-InstallJob': [refuses('GUARD_NOT_ARMED'), () => ({ started: true, logPath: '' })],
      'Register-Guard': [() => ({ armed: true, tasks: [] })],
      'Get-InstallProgress': [() => progress('ended', entries(0))],
    })
    expect(await runJob(context, 1)).toEqual({
      'settings-on': 'ok',
      install: 'changed',
      'settings-restore': 'ok',
    })
    expect(calls).toEqual(['Start-InstallJob', 'Register-Guard', 'Start-InstallJob', 'Get-InstallProgress'])
  })

  it('is not started by force where the server refuses it for another reason', async () => {
    const { calls, context } = contextWith({ 'Start-InstallJob': [refuses('PACKAGE_DAMAGED')] })
    await expect(runJob(context, 1)).rejects.toMatchObject({ code: 'PACKAGE_DAMAGED' })
    expect(calls).toEqual(['Start-InstallJob'])
  })

  it('that nobody can be asked about any more ends unknown, and says what the last try met', async () => {
    const { events, context } = contextWith({
      'Start-InstallJob': [() => ({ started: true, logPath: '' })],
      'Get-InstallProgress': [refuses('SCRIPT_NO_RESULT')],
    })
    expect(await runJob(context, 1)).toEqual({ 'settings-on': 'unknown' })
    expect(context.found).toMatchObject({ cause: 'contact-lost', job: { end: 'out-of-contact' } })
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'step.progress', note: 'contact lost: refused: SCRIPT_NO_RESULT' }),
    )
  })

  it('is not asked about without a pause where the server answers at once and its clock stands still', async () => {
    const { calls, context } = contextWith({
      'Start-InstallJob': [() => ({ started: true, logPath: '' })],
      'Get-InstallProgress': [() => progress('running')],
    })
    setTimeout(() => context.control.leave('a test'), 100)
    await expect(runJob(context, 1)).rejects.toThrow('left by the operator')
    expect(calls.filter(call => call === 'Get-InstallProgress')).toHaveLength(2)
  })

  it('that was cut short is put right as soon as the server says that nothing is at work', async () => {
    const { calls, events, context } = contextWith({
      'Start-InstallJob': [() => ({ started: true, logPath: '' })],
      'Get-InstallProgress': [() => progress('lost', entries(0).slice(0, 2))],
      'Restore-ServerState': [refuses('RESTORE_BUSY'), () => restored],
    })
    expect(await runJob(context, 1)).toEqual({
      'settings-on': 'ok',
      install: 'failed',
      'settings-restore': 'changed',
    })
    expect(context.found.job).toMatchObject({ end: 'interrupted', exitCode: null })
    // The look between the two tries renews the lease: the guard does not come in between.
    expect(calls.slice(-3)).toEqual(['Restore-ServerState', 'Get-InstallProgress', 'Restore-ServerState'])
    expect(events).toContainEqual(expect.objectContaining({ type: 'setting.restored', from: 0x23e00, to: 0x23c00 }))
  })
})

describe('services after the job', () => {
  const up = { running: 2, expected: 2, down: [] }
  const started = { restored: [], stuck: [], services: up, started: [], errors: [] }
  const disarmed = { disarmed: true, outstanding: [], services: up }

  it('of an install that was cut short are left stopped, and say how to go on', async () => {
    const { context, calls } = contextWith({
      'Start-SnapshotService': [
        () => ({ ...started, services: restored.services, errors: [{ name: 'W3SVC', message: 'not started' }] }),
      ],
    })
    context.found.job = { end: 'interrupted', exitCode: null, rebootOwed: false, crlOff: false, crlUnreachable: false }
    expect(await services(context)).toMatchObject({
      outcome: 'failed',
      error: { code: 'SERVICES_LEFT_STOPPED', hint: expect.stringContaining('resume --retry-failed') },
    })
    expect(calls).toEqual(['Start-SnapshotService'])
  })

  it.each([
    [1603, ['Start-SnapshotService', 'Unregister-Guard', 'Move-LeftoverState']],
    [0, ['Start-SnapshotService', 'Unregister-Guard']],
    [3010, ['Start-SnapshotService', 'Unregister-Guard']],
  ])(
    'with exit code %i: what the install saved of them is set aside only after a failure',
    async (exitCode, wanted) => {
      const { context, calls, events } = contextWith({
        'Start-SnapshotService': [() => started],
        'Unregister-Guard': [() => disarmed],
        'Move-LeftoverState': [() => ({ moved: ['C:\\ExchangeSetupLogs\\ServiceState.xml.old'] })],
      })
      context.found.job = { end: 'ended', exitCode, rebootOwed: false, crlOff: false, crlUnreachable: false }
      expect((await services(context)).outcome).toBe('ok')
      expect(calls).toEqual(wanted)
      expect(JSON.stringify(events).includes('ServiceState.xml.old')).toBe(exitCode === 1603)
    },
  )

  it('stays where it is while another installer is at work, and says so', async () => {
    const { context, events } = contextWith({
      'Start-SnapshotService': [() => started],
      'Unregister-Guard': [() => disarmed],
      'Move-LeftoverState': [refuses('STATE_IN_USE')],
    })
    context.found.job = { end: 'ended', exitCode: 1603, rebootOwed: false, crlOff: false, crlUnreachable: false }
    expect((await services(context)).outcome).toBe('ok')
    expect(events).toContainEqual(expect.objectContaining({ type: 'step.progress', note: 'refused: STATE_IN_USE' }))
  })
})
