import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../src/events/event.js'
import type { Effect } from '../../../src/output/dashboard/act.js'
import { plainLine } from '../../../src/output/dashboard/span.js'
import { createViewer, type Viewer } from '../../../src/output/dashboard/viewer.js'
import { fleetJournal, serverName, upTo } from './fleet-journal.js'

const failing = serverName(2)
const blocked = serverName(5)
const journal = fleetJournal({
  servers: 42,
  logLines: 200,
  troubles: { [failing]: 'missing-cached-patch', [blocked]: 'pending-reboot' },
})

function start({ part = 0.5, control = true, size = { columns: 80, rows: 24 } } = {}) {
  const effects: Effect[] = []
  const reads: (string | null)[] = []
  const clock = { elapsed: 0 }
  const events = upTo(journal, part)
  const now = Date.parse(events.at(-1)?.at ?? '')
  const viewer = createViewer({
    size,
    ascii: false,
    control,
    now: () => now,
    elapsed: () => clock.elapsed,
    onEffect: effect => effects.push(effect),
    onRead: server => reads.push(server),
  })
  viewer.take(events)
  return {
    viewer,
    effects,
    reads,
    clock,
    wishes: () => effects.flatMap(effect => (effect.do === 'ask' ? [effect.wish] : [])),
  }
}

function press(viewer: Viewer, ...keys: string[]) {
  for (const key of keys) viewer.key(key)
  return screen(viewer)
}

const shown = new WeakMap<Viewer, string>()

/** What is on the screen: the newest frame, or the last one while that still holds. */
function screen(viewer: Viewer): string {
  const frame = viewer.nextFrame()
  if (frame !== null) shown.set(viewer, frame.lines.map(plainLine).join('\n'))
  return shown.get(viewer) ?? ''
}

function taken(action: 'pause' | 'resume' | 'abort' | 'approve', by: string): RunEvent {
  return { v: 1, run: 'r', seq: 9999, at: '2026-11-23T23:00:00.000Z', type: 'control.taken', action, by }
}

describe('wishes', () => {
  it('asks to pause, and to go on once the run says that it is paused', () => {
    const { viewer, wishes } = start()
    press(viewer, 'p')
    viewer.take([taken('pause', 'anna')])
    expect(screen(viewer)).toContain('PAUSED by anna')
    press(viewer, 'p')
    expect(wishes()).toEqual([{ action: 'pause' }, { action: 'resume' }])
  })

  it('says what was asked for a while, then shows the keys again', () => {
    const { viewer, clock } = start()
    expect(press(viewer, 'p')).toContain('asked to pause')
    clock.elapsed = 5000
    expect(screen(viewer)).toContain('asked to pause')
    clock.elapsed = 7000
    expect(screen(viewer)).toContain('q leave')
  })

  it('shows nothing as granted before the run has said so', () => {
    const { viewer } = start()
    expect(press(viewer, 'p')).toContain('RUNNING')
  })

  it.each([
    ['r', 'retry'],
    ['s', 'skip'],
    ['t', 'restore'],
  ] as const)('asks before %s and names the server', (key, action) => {
    const { viewer, wishes } = start()
    expect(press(viewer, key)).toContain(failing)
    expect(wishes()).toEqual([])
    press(viewer, 'n')
    expect(wishes()).toEqual([])
    press(viewer, key, 'y')
    expect(wishes()).toEqual([{ action, server: failing }])
  })

  it.each(['r', 's', 't'])('says that %s needs a server, where the cursor is on none', key => {
    const { viewer, wishes } = start()
    press(viewer, 'end')
    expect(press(viewer, key)).toContain('no server here')
    press(viewer, 'y')
    expect(wishes()).toEqual([])
  })

  it('asks for every marked server, and forgets the marks then', () => {
    const { viewer, wishes } = start()
    press(viewer, 'space', 'space', 'r', 'y')
    expect(wishes()).toEqual([
      { action: 'retry', server: failing },
      { action: 'retry', server: blocked },
    ])
    expect(viewer.view().marked).toEqual([])
  })

  it('says why a wish was not granted', () => {
    const { viewer } = start()
    viewer.takeAnswer({ action: 'skip', server: failing }, { granted: false, why: 'it has ended' })
    expect(screen(viewer)).toContain('skip: it has ended')
  })

  it('asks to stop with the first Ctrl-C and leaves with the second, even before the run has answered', () => {
    const { viewer, wishes } = start()
    press(viewer, 'ctrl+c', 'ctrl+c')
    expect(wishes()).toEqual([{ action: 'abort' }, { action: 'leave' }])
  })

  it('does not leave with a first Ctrl-C because somebody else has stopped the run', () => {
    const { viewer, wishes } = start()
    viewer.take([taken('abort', 'bert')])
    expect(press(viewer, 'ctrl+c')).toContain('Ctrl-C again leaves')
    expect(wishes()).toEqual([])
    press(viewer, 'ctrl+c')
    expect(wishes()).toEqual([{ action: 'leave' }])
  })

  it('leaves a view with the first Ctrl-C, and asks for nothing', () => {
    const { viewer, effects } = start({ control: false })
    press(viewer, 'p', 'a', 'r', 'ctrl+c')
    expect(effects).toEqual([{ do: 'detach' }])
  })

  it('leaves with q from everywhere but a question', () => {
    const { viewer, effects } = start()
    press(viewer, 'r', 'q')
    expect(effects).toEqual([])
    press(viewer, 'l', 'q')
    expect(effects.at(-1)).toEqual({ do: 'detach' })
  })

  it('says that a playbook waits for approval', () => {
    const { viewer } = start()
    viewer.take([taken('pause', 'playbook (between.confirm)')])
    expect(screen(viewer)).toContain('WAITING FOR APPROVAL')
    viewer.take([taken('approve', 'anna')])
    expect(screen(viewer)).toContain('RUNNING')
  })
})

describe('moving', () => {
  it('follows the server, not the place, when others come before it', () => {
    const { viewer } = start({ part: 0.6 })
    press(viewer, 'down', 'down')
    const before = viewer.nextFrame()?.facts.cursor ?? viewer.view().cursor
    viewer.take(journal.slice(Math.floor(journal.length * 0.6), Math.floor(journal.length * 0.62)))
    viewer.key('?')
    viewer.key('escape')
    expect(viewer.view().cursor).toBe(before)
  })

  it('keeps the row under the cursor on the screen, however far it goes', () => {
    const { viewer } = start({ size: { columns: 80, rows: 16 } })
    press(viewer, 'z', 'z')
    for (let step = 0; step < 60; step++) {
      const rows = press(viewer, 'down').split('\n')
      expect(rows.filter(row => row.startsWith('▌'))).toHaveLength(1)
    }
    const end = press(viewer, 'end')
    expect(end).toContain(serverName(41))
    expect(press(viewer, 'home')).toContain('NEEDS ATTENTION')
  })

  it('opens the detail of a server and goes back', () => {
    const { viewer } = start()
    expect(press(viewer, 'enter')).toContain('DIAGNOSIS  missing-cached-patch')
    expect(press(viewer, 'escape')).toContain('NEEDS ATTENTION')
  })

  it('opens and folds a group', () => {
    const { viewer } = start({ size: { columns: 80, rows: 40 } })
    press(viewer, 'z', 'end')
    expect(screen(viewer)).not.toContain(serverName(41))
    expect(press(viewer, 'enter')).toContain(serverName(41))
    expect(press(viewer, 'escape')).not.toContain(serverName(41))
  })
})

describe('filtering', () => {
  it('filters while it is typed, keeps it with Enter, and clears it with escape', () => {
    const { viewer } = start({ size: { columns: 80, rows: 50 } })
    press(viewer, '/', ...'role:um')
    expect(screen(viewer)).not.toMatch(/^[▌ ].\S ex-mbx/m)
    press(viewer, 'enter')
    expect(viewer.view().filter).toBe('role:um')
    expect(screen(viewer)).toContain('filter: role:um')
    press(viewer, 'escape')
    expect(viewer.view().filter).toBe('')
  })

  it('forgets what was typed with escape', () => {
    const { viewer } = start()
    press(viewer, '/', 'x', 'y', 'escape')
    expect(viewer.view().filter).toBe('')
    expect(screen(viewer)).toContain(failing)
  })

  it('types keys that mean something elsewhere', () => {
    const { viewer, effects } = start()
    press(viewer, '/', 'q', 'p', 'space', 'r', 'backspace', 'enter')
    expect(viewer.view().filter).toBe('qp ')
    expect(effects).toEqual([])
  })

  it('shows only what needs attention', () => {
    const { viewer } = start({ size: { columns: 80, rows: 50 } })
    expect(press(viewer, 'f')).not.toContain('BATCH')
    expect(press(viewer, 'f')).toContain('BATCH')
  })
})

describe('a log', () => {
  it('follows its end until the operator moves, and again when asked to', () => {
    const { viewer, reads } = start()
    expect(press(viewer, 'l')).toContain('following')
    expect(reads).toEqual([failing])
    expect(press(viewer, 'up')).not.toContain('following')
    expect(press(viewer, 'f')).toContain('following')
  })

  it('finds text, goes on to the next place, and says when there is none', () => {
    const { viewer } = start()
    press(viewer, 'l', 'g')
    press(viewer, '/', ...'store7.exe', 'enter')
    const first = viewer.view().scroll
    press(viewer, 'n')
    expect(viewer.view().scroll).toBeGreaterThan(first)
    press(viewer, '/', ...'no such thing', 'enter')
    expect(screen(viewer)).toContain('is not in what is kept')
  })

  it('is followed for as long as it is on the screen', () => {
    const { viewer, reads } = start()
    press(viewer, 'l')
    press(viewer, 'escape')
    expect(reads).toEqual([failing, null])
  })

  it('is followed beside the list where there is room for it, for the server under the cursor', () => {
    const { viewer, reads } = start({ size: { columns: 160, rows: 50 } })
    screen(viewer)
    press(viewer, 'down')
    expect(reads).toEqual([failing, blocked])
  })
})

describe('drawing', () => {
  it('draws nothing while nothing has come and no second has passed', () => {
    const { viewer } = start()
    expect(viewer.nextFrame()).not.toBeNull()
    expect(viewer.nextFrame()).toBeNull()
    viewer.take([taken('pause', 'x')])
    expect(viewer.nextFrame()).not.toBeNull()
  })

  it('says that no server is at work between two batches', () => {
    const { viewer } = start({ part: 0 })
    const pause = journal.findIndex(event => event.type === 'batch.finished')
    viewer.take(journal.slice(1, pause + 1))
    expect(screen(viewer)).toContain('BETWEEN BATCHES')
    viewer.take(journal.slice(pause + 1, pause + 5))
    expect(screen(viewer)).toContain('RUNNING')
  })

  it('says that the runner is gone', () => {
    const { viewer } = start()
    viewer.markLost()
    expect(screen(viewer)).toContain('THE RUNNER IS GONE')
  })
})
