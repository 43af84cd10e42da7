import { describe, expect, it } from 'vitest'
import type { LabServerState, LabState } from '../../src/lab/model.js'
import { missingHostReason } from '../powershell-host/host.js'
import { differences, labUp, run } from './exroll.js'

const reason = missingHostReason()
/** Whole rollouts with a process of PowerShell for every call. */
const limit = 600_000

interface Story {
  before: LabState
  after: LabState
  outcomes: Record<string, unknown>
  exitCode: number | null
  stderr: string
}

async function rollout(engine: 'model' | 'powershell', ...faults: string[]): Promise<Story> {
  const words = faults.flatMap(fault => ['--fault', fault])
  const lab = await labUp([
    '--servers',
    '3',
    '--seed',
    '7',
    '--engine',
    engine,
    '--time-scale',
    '10',
    '--install-seconds',
    '60',
    ...words,
  ])
  try {
    const before = await lab.state()
    const { exitCode, outcomes, stderr } = await run(lab)
    return { before, after: await lab.state(), outcomes, exitCode, stderr }
  } finally {
    await lab.end()
  }
}

/** Without what two labs never share: how much was written, and a digest of when. */
function held(state: LabState): Record<string, Omit<LabServerState, 'digest' | 'writes'>> {
  return Object.fromEntries(
    Object.entries(state.servers).map(([name, { digest: _, writes: __, ...rest }]) => [name, rest]),
  )
}

describe.skipIf(reason !== '')(
  reason === ''
    ? 'a rollout in which the servers run the scripts in PowerShell'
    : `the engine powershell (skipped: ${reason})`,
  () => {
    it(
      'leaves every server as the model engine does: patched once, all else as before',
      async () => {
        const story = await rollout('powershell')
        expect(story.exitCode, story.stderr).toBe(0)
        for (const name of Object.keys(story.after.servers)) {
          expect(story.outcomes[name]).toBe('changed')
          expect(differences(story.before, story.after, name)).toEqual([])
        }
        expect(held(story.after)).toEqual(held((await rollout('model')).after))
      },
      limit,
    )

    it(
      'toggles what keeps an install from running, and puts it back',
      async () => {
        const faults = ['crl-unreachable@ex-mbx-01', 'execution-policy@ex-hub-01', 'services-disabled@ex-cas-01']
        const story = await rollout('powershell', ...faults)
        expect(story.exitCode, story.stderr).toBe(0)
        for (const name of Object.keys(story.after.servers)) {
          expect(story.outcomes[name]).toBe('changed')
          expect(differences(story.before, story.after, name)).toEqual([])
        }
      },
      limit,
    )
  },
)
