import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { decodeEvents } from '../../src/events/codec.js'
import type { LabState } from '../../src/lab/model.js'
import { applyRollup, differences, exroll, journalOf, type LabProcess, labUp } from './exroll.js'

let lab: LabProcess | undefined
afterEach(async () => {
  await lab?.end()
  lab = undefined
})

/** All servers in one batch: `--set` opens the throttle wide. */
const allAtOnce = ['--set', 'rollout.canary=0', '--set', 'rollout.serial=[100%]', '--set', 'rollout.throttle=100']

/** Soaking between batches is waiting, and nothing else. */
const noSoak = ['--set', 'rollout.between.soak=0s']

async function startRun(lab: LabProcess, args: string[], through: readonly string[] = []) {
  const runs = mkdtempSync(join(lab.folder, 'runs-'))
  const words = ['run', applyRollup, '-i', lab.inventory, '--ui', 'ndjson', '--yes', '--runs-dir', runs, ...args]
  const started = exroll(words, {}, through)
  return { ...started, runs, folder: () => join(runs, readdirSync(runs)[0] ?? '') }
}

/** Looks until `done` says so; the state of a killed run changes by the servers' own doing. */
async function until(lab: LabProcess, done: (state: LabState) => boolean): Promise<LabState> {
  for (let look = 0; look < 240; look++) {
    const state = await lab.state()
    if (done(state)) return state
    await new Promise(resolve => setTimeout(resolve, 250))
  }
  throw new Error('the servers did not come to rest')
}

describe('a run that is killed', () => {
  it('leaves every server as before or patched once its lease is over, and never a second install', async () => {
    lab = await labUp(['--servers', '10', '--seed', '7', '--time-scale', '300', '--fault', 'crl-unreachable'])
    const before = await lab.state()
    const started = await startRun(lab, ['--limit', 'role:mailbox', ...allAtOnce])
    await started.says(/"type":"step.progress"[^\n]*"step":"install"/)
    started.child.kill('SIGKILL')
    await started.ended
    const killedAt = await lab.state()
    expect(Object.values(killedAt.servers).some(server => server.installsStarted === 1)).toBe(true)
    const after = await until(lab, state => Object.values(state.servers).every(server => server.tasks.length === 0))
    for (const [name, server] of Object.entries(after.servers)) {
      expect(differences(before, after, name)).toEqual([])
      expect(['8.1.311.3', before.servers[name]?.build]).toContain(server.build)
      expect(server.installsStarted).toBeLessThanOrEqual(1)
    }
  })
})

describe('a run whose output has no reader any more', () => {
  it('goes on to its end', async () => {
    lab = await labUp(['--servers', '2', '--seed', '7', '--time-scale', '300'])
    const before = await lab.state()
    const started = await startRun(lab, [...allAtOnce, ...noSoak])
    await started.says(/"type":"step.progress"[^\n]*"step":"install"/)
    started.child.stdout?.destroy()
    started.child.stderr?.destroy()
    expect((await started.ended).exitCode).toBe(0)
    expect(journalOf(started.folder()).at(-1)?.type).toBe('run.finished')
    const after = await lab.state()
    for (const [name, server] of Object.entries(after.servers)) {
      expect(differences(before, after, name)).toEqual([])
      expect(server.installsStarted).toBe(1)
    }
  })
})

const hasLimits = spawnSync('prlimit', ['--version']).status === 0 && spawnSync('bash', ['--version']).status === 0
/** What is over the limit of a file's size is an error then, as on a full disk, and does not kill the process. */
const withFullDisks = ['bash', '-c', 'trap \'\' XFSZ; exec "$@"', 'bash']

describe.skipIf(!hasLimits)('a run whose disk is full (needs bash and prlimit of util-linux)', () => {
  it('leaves at once and says so; the servers look after themselves, and resume goes on', async () => {
    lab = await labUp(['--servers', '2', '--seed', '7', '--time-scale', '300'])
    const before = await lab.state()
    const started = await startRun(lab, [...allAtOnce, ...noSoak], withFullDisks)
    await started.says(/"type":"step.progress"[^\n]*"step":"install"/)
    const { size } = statSync(join(started.folder(), 'journal.ndjson'))
    // The next line is cut in its middle.
    const limit = spawnSync('prlimit', ['--pid', `${started.child.pid}`, `--fsize=${size + 10}`])
    expect(limit.stderr.toString()).toBe('')
    const { exitCode, stderr } = await started.ended
    expect(exitCode).toBe(1)
    expect(stderr).toContain('JOURNAL_UNWRITABLE')
    expect(stderr).not.toContain('bug')
    await until(lab, state => Object.values(state.servers).every(server => server.tasks.length === 0))
    const resumed = await exroll(['resume', '--ui', 'ndjson', '--runs-dir', started.runs]).ended
    expect(resumed.exitCode).toBe(0)
    const after = await lab.state()
    for (const [name, server] of Object.entries(after.servers)) {
      expect(differences(before, after, name)).toEqual([])
      expect(server.installsStarted).toBe(1)
    }
  })
})

describe('the operator’s signals', () => {
  it('Ctrl-C once: what was started is finished and restored, nothing new starts, exit 5', async () => {
    lab = await labUp(['--servers', '5', '--seed', '7', '--time-scale', '300'])
    const before = await lab.state()
    const started = await startRun(lab, [])
    await started.says(/"type":"step.progress"[^\n]*"step":"install"/)
    started.child.kill('SIGINT')
    const { exitCode, stdout } = await started.ended
    expect(exitCode).toBe(5)
    const { events } = decodeEvents(stdout)
    expect(events).toContainEqual(expect.objectContaining({ type: 'control.taken', action: 'abort', by: 'SIGINT' }))
    const finished = events.filter(event => event.type === 'server.finished')
    expect(finished.map(event => event.outcome).sort()).toEqual(['changed', 'skipped', 'skipped', 'skipped', 'skipped'])
    const after = await lab.state()
    for (const name of Object.keys(after.servers)) expect(differences(before, after, name)).toEqual([])
  })

  it.each(['SIGTERM', 'SIGHUP'] as const)('%s is like the first Ctrl-C', async signal => {
    lab = await labUp(['--servers', '2', '--seed', '7', '--time-scale', '600'])
    const started = await startRun(lab, [])
    await started.says(/"type":"step.started"[^\n]*"step":"install"/)
    started.child.kill(signal)
    expect((await started.ended).exitCode).toBe(5)
  })

  it('Ctrl-C twice: leaves at once with 130, and the guard finishes the work', async () => {
    lab = await labUp(['--servers', '1', '--seed', '7', '--time-scale', '300', '--fault', 'crl-unreachable'])
    const before = await lab.state()
    const started = await startRun(lab, [])
    await started.says(/"type":"step.progress"[^\n]*"step":"install"/)
    started.child.kill('SIGINT')
    await started.says('"action":"abort"')
    started.child.kill('SIGINT')
    expect((await started.ended).exitCode).toBe(130)
    expect(journalOf(started.folder()).at(-1)).not.toMatchObject({ type: 'run.finished' })
    const after = await until(lab, state => Object.values(state.servers).every(server => server.tasks.length === 0))
    for (const name of Object.keys(after.servers)) expect(differences(before, after, name)).toEqual([])
  })
})

describe('two runs at one server', () => {
  it('the second is refused while the first is armed, and names it', async () => {
    lab = await labUp(['--servers', '1', '--seed', '7', '--time-scale', '60'])
    const first = await startRun(lab, [])
    await first.says(/"type":"step.progress"[^\n]*"step":"install"/)
    const second = await startRun(lab, [])
    const { stdout, stderr, exitCode } = await second.ended
    expect(exitCode, stderr).toBe(2)
    const id = first.folder().split(/[\\/]/).at(-1) ?? ''
    const blocked = decodeEvents(stdout).events.find(event => event.type === 'precheck.blocked')
    expect(blocked).toMatchObject({ block: 'run-in-progress', message: expect.stringContaining(id) })
    first.child.kill('SIGINT')
    expect((await first.ended).exitCode).toBe(5)
    expect((await lab.state()).servers['ex-mbx-01']?.installsStarted).toBe(1)
  })
})
