import { setTimeout as passed } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { ToolError } from '../../../src/errors.js'
import { decodeEvents } from '../../../src/events/codec.js'
import type { RunEvent } from '../../../src/events/event.js'
import type { RunWishes, Wish, WishAnswer } from '../../../src/events/wish.js'
import type { DashboardOptions } from '../../../src/output/dashboard/options.js'
import { type DashboardResult, showDashboard } from '../../../src/output/dashboard/show-dashboard.js'
import { FakeKeyboard, FakeTerminal } from './fake-terminal.js'
import { fleetJournal, serverName, upTo } from './fleet-journal.js'

const failing = serverName(2)
const journal = fleetJournal({ servers: 42, logLines: 40, troubles: { [failing]: 'missing-cached-patch' } })
const half = upTo(journal, 0.5)
const halfTime = Date.parse(half.at(-1)?.at ?? '')

/** Events that come when a test says so. */
function openSource() {
  const waiting: (readonly RunEvent[])[] = []
  let wake = () => {}
  let ended: { error?: Error } | undefined
  async function* groups(): AsyncGenerator<readonly RunEvent[]> {
    for (;;) {
      const group = waiting.shift()
      if (group !== undefined) {
        yield group
        continue
      }
      if (ended?.error !== undefined) throw ended.error
      if (ended !== undefined) return
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
  }
  return {
    events: groups(),
    send(group: readonly RunEvent[]) {
      waiting.push(group)
      wake()
    },
    end(error?: Error) {
      ended = error === undefined ? {} : { error }
      wake()
    },
  }
}

const options: DashboardOptions = { ascii: false, color: true, screenReader: false, fps: 20, atEnd: 'leave' }

interface Shown {
  terminal: FakeTerminal
  keyboard: FakeKeyboard
  source: ReturnType<typeof openSource>
  wishes: Wish[]
  result: Promise<DashboardResult>
}

let shown: Shown[] = []

function show({
  size = [80, 24] as [number, number],
  control = true,
  answer = { granted: true } as WishAnswer,
  events = half,
  look = {} as Partial<DashboardOptions>,
} = {}): Shown {
  const terminal = new FakeTerminal(...size)
  terminal.write('what was there before\r\n')
  const keyboard = new FakeKeyboard()
  const source = openSource()
  const wishes: Wish[] = []
  const door: RunWishes = {
    async ask(wish) {
      wishes.push(wish)
      return answer
    },
  }
  const result = showDashboard({
    events: source.events,
    control: control ? door : null,
    stdin: keyboard,
    stderr: terminal,
    stdout: terminal,
    options: { ...options, ...look },
    folder: '/runs/20261123-2100-4f1c',
    now: () => halfTime,
  })
  // Looked at by the test in its own time; a rejection in between is not one that nobody handles.
  result.catch(() => {})
  source.send(events)
  const all = { terminal, keyboard, source, wishes, result }
  shown.push(all)
  return all
}

afterEach(() => {
  for (const { source } of shown) source.end()
  shown = []
})

/** Waits for a screen that satisfies; the test's own limit ends it. */
async function until<T>(look: () => T | undefined | false): Promise<T> {
  for (;;) {
    const found = look()
    if (found !== undefined && found !== false) return found
    await passed(10)
  }
}

const showing = ({ terminal }: Shown, text: string | RegExp) =>
  until(() => terminal.screen().some(line => (typeof text === 'string' ? line.includes(text) : text.test(line))))

async function expectGivenBack({ terminal, keyboard }: Shown) {
  await terminal.settled()
  expect(terminal.onAlternateScreen).toBe(false)
  expect(terminal.cursorShown).toBe(true)
  expect(keyboard.isRaw).toBe(false)
  expect(terminal.ordinary()[0]).toBe('what was there before')
}

describe('ways out', () => {
  it('ends with the events, with every failure and the run folder on the ordinary screen', async () => {
    const all = show({ events: journal })
    await showing(all, 'ENDED')
    all.source.end()
    expect((await all.result).end).toBe('finished')
    await expectGivenBack(all)
    const left = all.terminal.ordinary().join('\n')
    expect(left).toContain(`${failing}  FAILED  missing-cached-patch`)
    expect(left).toContain('KB952580.log:48211')
    expect(left).toContain('Run folder: /runs/20261123-2100-4f1c')
  })

  it('goes with q while the run goes on, and says how to come back', async () => {
    const all = show()
    await showing(all, failing)
    all.keyboard.type('q')
    expect((await all.result).end).toBe('detached')
    await expectGivenBack(all)
    expect(all.terminal.ordinary().join('\n')).toContain('exroll watch 20261123-2100-4f1c')
    expect(all.wishes).toEqual([])
  })

  it('goes with Ctrl-C twice: the run is asked to stop, then to leave', async () => {
    const all = show()
    await showing(all, failing)
    all.keyboard.type('\u0003')
    await showing(all, 'asked to stop')
    all.keyboard.type('\u0003')
    expect((await all.result).end).toBe('left')
    await expectGivenBack(all)
    expect(all.wishes).toEqual([{ action: 'abort' }, { action: 'leave' }])
  })

  it('goes with SIGTERM and asks nothing of the run', async () => {
    const all = show()
    await showing(all, failing)
    const before = process.listenerCount('SIGTERM')
    process.emit('SIGTERM', 'SIGTERM')
    expect((await all.result).end).toBe('terminated')
    await expectGivenBack(all)
    expect(all.wishes).toEqual([])
    expect(process.listenerCount('SIGTERM')).toBeLessThan(before)
  })

  it('takes a SIGINT from outside for Ctrl-C', async () => {
    const all = show()
    await showing(all, failing)
    process.emit('SIGINT', 'SIGINT')
    await showing(all, 'asked to stop')
    expect(all.wishes).toEqual([{ action: 'abort' }])
  })

  it('gives the terminal back before it throws what the events threw', async () => {
    const all = show()
    await showing(all, failing)
    all.source.end(new Error('the journal is damaged'))
    await expect(all.result).rejects.toThrow('the journal is damaged')
    await expectGivenBack(all)
  })

  it('goes when the window is closed, and asks nothing of the run', async () => {
    const all = show()
    await showing(all, failing)
    all.terminal.emit('error', Object.assign(new Error('write EIO'), { code: 'EIO' }))
    expect((await all.result).end).toBe('terminated')
    expect(all.wishes).toEqual([])
  })

  it('gives the terminal back before it throws what went wrong while drawing', async () => {
    const all = show()
    await showing(all, failing)
    // What a damaged journal may hold: JSON, but no event.
    const damaged = '{"v":1,"run":"r","seq":1,"at":"no time at all","type":"batch.started","batch":1,"servers":null}\n'
    all.source.send(decodeEvents(damaged).events)
    await expect(all.result).rejects.toThrow()
    await expectGivenBack(all)
  })

  it('says so when the runner is gone', async () => {
    const all = show()
    await showing(all, failing)
    all.source.end()
    expect((await all.result).end).toBe('lost')
    await expectGivenBack(all)
    expect(all.terminal.ordinary().join('\n')).toContain('exroll resume 20261123-2100-4f1c')
  })

  it('stays on the last picture of a replay until q', async () => {
    const all = show({ events: journal, look: { atEnd: 'stay' } })
    all.source.end()
    await showing(all, 'ENDED')
    await passed(200)
    expect(all.terminal.onAlternateScreen).toBe(true)
    all.keyboard.type('q')
    expect((await all.result).end).toBe('finished')
    await expectGivenBack(all)
  })

  it('refuses to draw where there is no terminal, before anything was written', async () => {
    const pipe = new FakeTerminal(80, 24)
    Object.defineProperty(pipe, 'isTTY', { value: false })
    const refused = showDashboard({
      events: openSource().events,
      control: null,
      stdin: new FakeKeyboard(),
      stderr: pipe,
      stdout: pipe,
      options,
      folder: '/runs/r',
    })
    await expect(refused).rejects.toSatisfy(error => error instanceof ToolError && error.code === 'NO_TERMINAL')
    expect(pipe.raw).toBe('')
  })
})

describe('keys', () => {
  it('reach the run as wishes, after a yes where one is asked for', async () => {
    const all = show()
    await showing(all, failing)
    all.keyboard.type('p')
    await until(() => all.wishes.length === 1)
    all.keyboard.type('r')
    await showing(all, `Take ${failing} up again`)
    all.keyboard.type('y')
    await until(() => all.wishes.length === 2)
    expect(all.wishes).toEqual([{ action: 'pause' }, { action: 'retry', server: failing }])
  })

  it('tell why a wish was refused', async () => {
    const all = show({ answer: { granted: false, why: 'the run is stopping already' } })
    await showing(all, failing)
    all.keyboard.type('p')
    await showing(all, 'pause: the run is stopping already')
  })

  it('move, open and close with the sequences terminals send', async () => {
    const all = show()
    await showing(all, /^▌.*/)
    all.keyboard.type('\u001b[B')
    await showing(all, /^▌ ▾|^▌ [◐◓◑◒]|^▌▾/)
    all.keyboard.type('\u001b[A')
    await showing(all, new RegExp(`^▌.*${failing}`))
    all.keyboard.type('\r')
    await showing(all, 'DIAGNOSIS  missing-cached-patch')
    all.keyboard.type('\u001b')
    await showing(all, 'NEEDS ATTENTION')
  })
})

describe('a journey', () => {
  it('through two sizes, a filter, a log and the end leaves a whole screen and the scrollback', async () => {
    const all = show({ events: upTo(journal, 0.3) })
    const { terminal, keyboard, source } = all
    await showing(all, failing)
    terminal.resize(160, 50)
    await until(() => terminal.screen()[45] !== '' && terminal.screen()[0]?.length === 159)
    await showing(all, 'DIAGNOSIS')
    const clears = () => terminal.raw.split('\u001b[2J').length - 1
    // The one with which the screen was taken: growing clears nothing.
    expect(clears()).toBe(1)
    terminal.resize(60, 16)
    await until(() => /^ exroll/.test(terminal.screen()[0] ?? ''))
    await terminal.settled()
    const afterShrink = clears()
    expect(terminal.screen()[14]).toMatch(/q leave$/)
    expect(terminal.screen()[15]).toBe('')
    keyboard.type('/batch:1\r')
    await showing(all, 'filter: batch:1')
    keyboard.type('l')
    await showing(all, /LOG .*following/)
    keyboard.type('\u001b')
    await showing(all, 'filter: batch:1')
    source.send(journal.slice(Math.floor(journal.length * 0.3)))
    await showing(all, 'ENDED')
    source.end()
    expect((await all.result).end).toBe('finished')
    await expectGivenBack(all)
    expect(terminal.raw).not.toContain('\u001b[3J')
    expect(clears()).toBe(afterShrink)
  })

  it('lets no escape sequence of a server through', async () => {
    const evil = '\u001b]0;owned\u0007\u001b[31;5mred\u001b[2J\u001b[?1049l'
    const all = show({ events: fleetJournal({ servers: 3, nameOf: index => `ex-${index}${evil}` }).slice(0, 20) })
    await showing(all, 'ex-0')
    expect(all.terminal.onAlternateScreen).toBe(true)
    expect(all.terminal.raw).not.toContain('\u001b]0;')
    expect(all.terminal.raw).not.toContain('[31;5m\u001b')
    all.keyboard.type('q')
    await all.result
    expect(all.terminal.raw).not.toContain('\u001b]0;')
    expect(all.terminal.raw).not.toContain('\u001b[31;5m')
  })
})
