import type { RunEvent } from '../../events/event.js'
import type { Wish, WishAnswer } from '../../events/wish.js'
import { act, type Effect, type, withTyped } from './act.js'
import type { Frame } from './frame.js'
import { asciiGlyphs, unicodeGlyphs } from './glyphs.js'
import { bindingFor, contextOf } from './keys.js'
import { layout } from './layout.js'
import type { Model, PulledLog } from './model.js'
import { createObserver } from './observer.js'
import type { Size } from './scene.js'
import { firstView, type View } from './view.js'

/** The dashboard without a terminal: takes events, keys and sizes, gives frames. */
export interface Viewer {
  take(events: readonly RunEvent[]): void
  takePulledLog(server: string, log: PulledLog): void
  takeAnswer(wish: Wish, answer: WishAnswer): void
  /** A key by its name, as the key table has it; any other single sign is text where text is typed. */
  key(name: string): void
  resize(size: Size): void
  markLost(): void
  /** Null while the last frame still holds: nothing came, and no clock on it has moved on. */
  nextFrame(): Frame | null
  model(): Model
  view(): View
}

export interface ViewerOptions {
  size: Size
  ascii: boolean
  control: boolean
  /** Epoch milliseconds of the run that is shown. */
  now: () => number
  /** Milliseconds of the operator's own time, from any beginning: a replay does not make words go sooner. */
  elapsed: () => number
  onEffect: (effect: Effect) => void
  /** The log of another server is on the screen now, or of none. */
  onRead: (server: string | null) => void
}

/** A notice hides the keys for this long, or until one is pressed. */
const noticeMs = 6000

export function createViewer({
  size: firstSize,
  ascii,
  control,
  now,
  elapsed,
  onEffect,
  onRead,
}: ViewerOptions): Viewer {
  const observer = createObserver()
  const glyphs = ascii ? asciiGlyphs : unicodeGlyphs
  let size = firstSize
  let view = firstView()
  let dirty = true
  let drawnSecond = Number.NaN
  let read: string | null = null
  let noticedAt = 0
  let frame = draw()

  function draw(): Frame {
    return layout({ model: observer.model(), view: withTyped(view), now: now(), glyphs, control }, size)
  }

  /** Keys are about what the operator sees, so the facts have to be those of the newest frame. */
  function redraw(): Frame {
    frame = draw()
    return frame
  }

  function press(name: string): void {
    const { facts } = redraw()
    const binding = bindingFor(name, contextOf(view), facts)
    if (binding === null) {
      if (view.typing !== null) view = type(view, name === 'space' ? ' ' : [...name].length === 1 ? name : '')
      return
    }
    const acted = act(view, binding.command, { facts, model: observer.model() })
    if (acted.view.notice !== null) noticedAt = elapsed()
    view = acted.view
    for (const effect of acted.effects) onEffect(effect)
  }

  return {
    take(events) {
      observer.take(events)
      dirty = true
    },
    takePulledLog(server, log) {
      observer.takePulledLog(server, log)
      dirty = true
    },
    takeAnswer(wish, answer) {
      if (answer.granted) return
      view = { ...view, notice: `${wish.action}: ${answer.why}` }
      noticedAt = elapsed()
      dirty = true
    },
    key(name) {
      press(name)
      dirty = true
    },
    resize(next) {
      size = next
      dirty = true
    },
    markLost() {
      observer.markLost()
      dirty = true
    },
    nextFrame() {
      if (view.notice !== null && elapsed() - noticedAt > noticeMs) {
        view = { ...view, notice: null }
        dirty = true
      }
      const second = Math.floor(now() / 1000)
      const ticking = observer.model().mode.kind !== 'finished' && second !== drawnSecond
      if (!dirty && !ticking) return null
      dirty = false
      drawnSecond = second
      const { facts } = redraw()
      if (facts.reads !== read) {
        read = facts.reads
        onRead(read)
      }
      return frame
    },
    model: observer.model,
    view: () => view,
  }
}
