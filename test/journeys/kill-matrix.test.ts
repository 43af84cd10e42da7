import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { listRuns } from '../../src/commands/find-run.js'
import type { RunEvent } from '../../src/events/event.js'
import { tailJournal } from '../../src/output/journal-tail.js'
import { type StartedLab, startLab } from '../lab/start-lab.js'
import { applyRollup, differences, exroll, journalOf, type Started } from './exroll.js'

/** Two servers with something to change, put back and explain on the way, in two batches. */
const fleet = {
  servers: 2,
  seed: 7,
  timeScale: 600,
  installSeconds: 240,
  faults: [
    { name: 'crl-unreachable', server: 'ex-cas-01' },
    { name: 'services-not-started', server: 'ex-mbx-01' },
  ],
} as const

function start(lab: StartedLab, runs: string): Started {
  const words = ['--yes', '--ui', 'quiet', '--runs-dir', runs, '--set', 'rollout.between.soak=0s']
  return exroll(['run', applyRollup, '-i', lab.inventory, ...words])
}

/** The journal while its writer lives: SIGKILL as soon as `reached` says so. Returns whether it came to that. */
async function killWhen(started: Started, runs: string, reached: (event: RunEvent) => boolean): Promise<boolean> {
  const over = () => started.child.exitCode !== null || started.child.signalCode !== null
  while (listRuns(runs).length === 0 || !readdirSync(join(runs, listRuns(runs)[0] ?? '')).includes('journal.ndjson')) {
    if (over()) throw new Error((await started.ended).stderr)
    await delay(5)
  }
  const journal = join(runs, listRuns(runs)[0] ?? '', 'journal.ndjson')
  for await (const group of tailJournal(journal, { ended: over, pollMs: 10 })) {
    if (!group.some(reached)) continue
    started.child.kill('SIGKILL')
    await started.ended
    return true
  }
  await started.ended
  return false
}

interface KillPoint {
  type: RunEvent['type']
  /** Which one of that type, from 1. */
  nth: number
}

/** The first and the last event of every type that a run of this fleet has. */
async function killPoints(): Promise<KillPoint[]> {
  const lab = await startLab({ ...fleet, faults: [...fleet.faults] })
  try {
    const runs = join(lab.folder, 'runs')
    const { exitCode, stderr } = await start(lab, runs).ended
    expect(exitCode, stderr).toBe(0)
    const counts = new Map<RunEvent['type'], number>()
    for (const { type } of journalOf(join(runs, listRuns(runs)[0] ?? ''))) counts.set(type, (counts.get(type) ?? 0) + 1)
    return [...counts].flatMap(([type, count]) => [{ type, nth: 1 }, ...(count > 1 ? [{ type, nth: count }] : [])])
  } finally {
    await lab.dispose()
  }
}

const points = await killPoints()

describe('a run that is killed at any event, and killed again while it is resumed', () => {
  it('has events of every kind to be killed at', () => {
    expect(new Set(points.map(({ type }) => type))).toEqual(
      new Set([
        ...['run.started', 'batch.started', 'batch.finished', 'server.finished', 'run.finished'],
        ...['step.started', 'step.progress', 'step.finished', 'service.state', 'diagnosis.made'],
        ...['setting.changed', 'setting.restored'],
      ]),
    )
  })

  it.concurrent.each(points.map((point, index) => ({ ...point, index })))(
    '$type number $nth: ends 0, one install a server, all as before',
    async ({ type, nth, index }) => {
      const lab = await startLab({ ...fleet, faults: [...fleet.faults] })
      try {
        const before = lab.lab.state()
        const runs = join(lab.folder, 'runs')
        let seen = 0
        await killWhen(start(lab, runs), runs, event => event.type === type && ++seen === nth)

        const resume = () => exroll(['resume', '--ui', 'quiet', '--runs-dir', runs])
        const known = journalOf(join(runs, listRuns(runs)[0] ?? '')).length
        let fresh = -known
        await killWhen(resume(), runs, () => ++fresh === 1 + ((index * 11) % 40))
        const { exitCode, stderr } = await resume().ended

        expect(exitCode, stderr).toBe(0)
        const after = lab.lab.state()
        for (const name of Object.keys(after.servers)) {
          expect(after.servers[name]).toMatchObject({ installsStarted: 1, build: '8.1.311.3' })
          expect(differences(before, after, name)).toEqual([])
        }
        const events = journalOf(join(runs, listRuns(runs)[0] ?? ''))
        // Numbers that log lines had are missing; none comes twice.
        const numbers = events.map(event => event.seq)
        expect(numbers).toEqual([...new Set(numbers)].sort((one, other) => one - other))
        const changed = events.filter(event => event.type === 'setting.changed' || event.type === 'setting.restored')
        expect(changed.map(event => event.type)).toEqual(['setting.changed', 'setting.restored'])
      } finally {
        await lab.dispose()
      }
    },
    120_000,
  )
})
