import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../src/events/event.js'
import { createFrameStore } from '../../../src/output/dashboard/frame-store.js'
import { plainTheme } from '../../../src/output/dashboard/theme.js'
import { createViewer } from '../../../src/output/dashboard/viewer.js'
import { fleetJournal, serverName, upTo } from './fleet-journal.js'

const events = upTo(fleetJournal({ servers: 10 }), 0.4)

function open() {
  const viewer = createViewer({
    size: { columns: 80, rows: 24 },
    ascii: true,
    control: false,
    now: () => Date.parse(events.at(-1)?.at ?? ''),
    elapsed: () => 0,
    onEffect() {},
    onRead() {},
  })
  viewer.take(events)
  const frames = createFrameStore(viewer, plainTheme)
  let told = 0
  frames.subscribe(() => told++)
  return { viewer, frames, told: () => told }
}

describe('the frame store', () => {
  it('tells nobody of events that change nothing on the screen', () => {
    const { viewer, frames, told } = open()
    const before = frames.lines()
    const unseen: RunEvent = {
      v: 1,
      run: 'r',
      seq: 1,
      at: events.at(-1)?.at ?? '',
      type: 'log.line',
      server: serverName(9),
      log: 'x.log',
      line: 1,
      text: 'copying',
    }
    viewer.take([unseen])
    frames.refresh()
    expect(told()).toBe(0)
    expect(frames.lines()).toBe(before)
  })

  it('tells of a key that changes what is seen', () => {
    const { viewer, frames, told } = open()
    viewer.key('?')
    frames.refresh()
    expect(told()).toBe(1)
    expect(frames.lines().join('\n')).toContain('IN THE LIST')
  })
})
