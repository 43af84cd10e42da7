import type { Readable } from 'node:stream'
import type { ReadStream } from 'node:tty'
import { UsageError } from '../../errors.js'
import type { RunEvent } from '../../events/event.js'
import { enterAlternateScreen } from './alternate-screen.js'
import type { DashboardEnd } from './closing.js'
import type { DashboardInput, DashboardResult } from './dashboard-input.js'
import { carryOut, showPulledLog } from './effects.js'
import { createFrameStore } from './frame-store.js'
import { loadScreen } from './load-screen.js'
import { isTerminal, openTerminal } from './terminal.js'
import { colorTheme, plainTheme } from './theme.js'
import { createViewer, type Viewer } from './viewer.js'
import { listenForViewerSignals } from './viewer-signals.js'
import { writeClosing } from './write-closing.js'

export type { DashboardEnd } from './closing.js'
export type { DashboardInput, DashboardResult } from './dashboard-input.js'

/**
 * Shows a run until its events end, or until it is left. The terminal is given back on every way out; an error in the events or in drawing is thrown
 * after that. Throws `UsageError` where there is no terminal.
 */
export async function showDashboard(input: DashboardInput): Promise<DashboardResult> {
  if (input.options.screenReader) {
    const { showWords } = await import('./show-words.js')
    return showWords(input)
  }
  const { stdin, stderr } = input
  if (!isTerminal(stderr) || !isKeyboard(stdin)) {
    throw new UsageError('the dashboard needs a terminal for its picture and its keys', {
      code: 'NO_TERMINAL',
      hint: '--ui plain writes a line for each change of state.',
    })
  }
  const { openScreen } = await loadScreen()
  const terminal = openTerminal(stderr)
  const ending = openEnding()
  const now = input.now ?? Date.now
  let read: string | null = null
  const viewer = createViewer({
    size: terminal.size(),
    ascii: input.options.ascii,
    control: input.control !== null,
    now,
    elapsed: () => performance.now(),
    onEffect: effect => carryOut(effect, { input, viewer, end: ending.resolve }),
    onRead: server => {
      read = server
      const follow = input.follow ?? input.control?.follow?.bind(input.control)
      follow?.(server)
      if (server !== null) void showPulledLog(server, input, viewer)
    },
  })
  const frames = createFrameStore(viewer, input.options.color ? colorTheme : plainTheme)
  /** A mistake in drawing ends the dashboard as any error does, with the terminal given back. */
  const draw = (change: () => void = () => {}) => {
    try {
      change()
      frames.refresh()
    } catch (error) {
      ending.reject(error)
    }
  }
  terminal.onResize(size => draw(() => viewer.resize(size)))
  terminal.onGone(() => ending.resolve('terminated'))
  const silence = listenForViewerSignals({
    interrupt: () => draw(() => viewer.key('ctrl+c')),
    terminate: () => ending.resolve('terminated'),
  })
  const giveBack = enterAlternateScreen(stderr, stdin)
  const ticking = setInterval(draw, 1000 / input.options.fps)
  const screen = openScreen({
    frames,
    stdin,
    stream: terminal.stream,
    onKey: name => draw(() => viewer.key(name)),
  })
  screen.ended.catch(ending.reject)
  const source = input.events[Symbol.asyncIterator]()
  let end: DashboardEnd
  try {
    const pulled = (server: string) => {
      if (server === read) void showPulledLog(server, input, viewer)
    }
    follow(source, viewer, pulled).then(ended => {
      if (input.options.atEnd === 'leave') ending.resolve(ended)
    }, ending.reject)
    end = await ending.promise
  } finally {
    // Not waited for: a source that sleeps ends when it wakes.
    void Promise.resolve(source.return?.()).catch(ending.reject)
    clearInterval(ticking)
    silence()
    screen.close()
    giveBack()
    terminal.close()
  }
  const state = viewer.model().run
  writeClosing(end, state, input)
  return { end, state }
}

/** What the many ways out of the dashboard settle, the first of them for good. */
function openEnding() {
  let resolve: (end: DashboardEnd) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<DashboardEnd>((fulfil, fail) => {
    resolve = fulfil
    reject = fail
  })
  return { promise, resolve, reject }
}

/** Takes the events in, tells whose logs were pulled, and says how the run stands when they end. */
async function follow(
  source: AsyncIterator<readonly RunEvent[]>,
  viewer: Viewer,
  onPulled: (server: string) => void,
): Promise<DashboardEnd> {
  for (let group = await source.next(); group.done !== true; group = await source.next()) {
    viewer.take(group.value)
    for (const event of group.value)
      if (event.type === 'step.finished' && event.step === 'collect') onPulled(event.server)
  }
  if (viewer.model().run.finished !== null) return 'finished'
  viewer.markLost()
  return 'lost'
}

function isKeyboard(stdin: Readable): stdin is ReadStream {
  return 'isTTY' in stdin && stdin.isTTY === true
}
