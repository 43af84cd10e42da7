import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createEventBus } from '../../src/events/bus.js'
import type { RunEvent } from '../../src/events/event.js'
import type { WishAnswer } from '../../src/events/wish.js'
import { makePlan } from '../../src/plan/make-plan.js'
import { createRunControl, type RunControl } from '../../src/run/control.js'
import { executeRun } from '../../src/run/executor.js'
import { playbook, server } from '../plan/fleet.js'
import { rollup4 } from './fixture.js'
import { type ScriptedEnd, scriptedTransport } from './scripted-server.js'

const folder = mkdtempSync(join(tmpdir(), 'exroll-wishes-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs two servers one after the other, the first of which fails; `onEvent` may ask for something. */
async function run(onEvent: (event: RunEvent, control: RunControl) => void): Promise<RunEvent[]> {
  const servers = [server('a'), server('b')]
  const book = playbook({ canary: 0, serial: [{ count: 1 }], maxFail: { count: 9 } })
  const ends: Record<string, ScriptedEnd> = { a: 'failed', b: 'ok' }
  const events: RunEvent[] = []
  const control = createRunControl()
  const bus = createEventBus({
    run: 'r',
    now: () => '2008-10-14T22:00:00.000Z',
    // A disk takes its time: what may happen meanwhile, happens.
    durable: () => new Promise(resolve => setTimeout(resolve, 2)),
  })
  bus.listen(event => {
    events.push(event)
    onEvent(event, control)
  })
  await executeRun({
    ...{
      run: 'r',
      plan: makePlan({ servers, playbook: book }),
      servers,
      playbook: book,
      bus,
      control,
      folder,
      tool: 'test',
    },
    package: { info: rollup4, file: '' },
    transportFor: ({ name }) => scriptedTransport({ name, end: ends[name] ?? 'ok', turns: 1 }),
  })
  return events
}

const took = (events: RunEvent[], action: string) =>
  events.flatMap((event, index) => (event.type === 'control.taken' && event.action === action ? [index] : []))

describe('wishes about a server', () => {
  it('retry: asked for twice at once it is done once, and after its event', async () => {
    const answers: Promise<WishAnswer>[] = []
    const events = await run((event, control) => {
      if (event.type !== 'step.started' || event.server !== 'b' || event.step !== 'facts') return
      for (const by of ['jane', 'joe']) answers.push(control.ask({ action: 'retry', server: 'a' }, by))
    })
    expect((await Promise.all(answers)).map(({ granted }) => granted)).toEqual([true, false])
    const [taken = -1, ...more] = took(events, 'retry')
    expect(more).toEqual([])
    const connects = events.flatMap((event, index) =>
      event.type === 'step.started' && event.server === 'a' && event.step === 'connect' ? [index] : [],
    )
    expect(connects).toHaveLength(2)
    expect(connects[1]).toBeGreaterThan(taken)
  })

  it('retry: a server that has failed and still collects its logs is refused, with words that say when', async () => {
    const answers: Promise<WishAnswer>[] = []
    const events = await run((event, control) => {
      if (event.type !== 'step.started' || event.server !== 'a' || event.step !== 'collect') return
      // Once the run itself has heard of it.
      queueMicrotask(() => answers.push(control.ask({ action: 'retry', server: 'a' }, 'jane')))
    })
    expect(await Promise.all(answers)).toEqual([
      { granted: false, why: 'a is under way (collect): it can be taken up again when it has ended' },
    ])
    expect(took(events, 'retry')).toEqual([])
  })

  it('skip: a server whose turn comes while the wish is being written down is still left out', async () => {
    const answers: Promise<WishAnswer>[] = []
    const events = await run((event, control) => {
      if (event.type !== 'batch.started' || event.batch !== 2) return
      answers.push(control.ask({ action: 'skip', server: 'b' }, 'jane'))
    })
    expect(await Promise.all(answers)).toEqual([{ granted: true }])
    expect(events.filter(event => event.type === 'step.started' && event.server === 'b')).toEqual([])
    const ends = events.filter(event => event.type === 'server.finished' && event.server === 'b')
    expect(ends).toEqual([expect.objectContaining({ outcome: 'skipped', cause: 'operator' })])
  })
})
