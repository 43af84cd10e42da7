import { paintLine } from './paint.js'
import type { FrameStore } from './screen.js'
import type { Theme } from './theme.js'
import type { Viewer } from './viewer.js'

/** The painted lines of the viewer's newest frame. */
export interface ViewerFrames extends FrameStore {
  /** Draws if there is anything new, and tells who listens. */
  refresh(): void
}

export function createFrameStore(viewer: Viewer, theme: Theme): ViewerFrames {
  const listeners = new Set<() => void>()
  let lines: readonly string[] = []

  /** Whether the screen looks different now: most events change nothing that is seen, and to draw is what costs. */
  function repaint(): boolean {
    const frame = viewer.nextFrame()
    if (frame === null) return false
    const next = frame.lines.map(line => paintLine(line, theme))
    const same = next.length === lines.length && next.every((line, row) => line === lines[row])
    if (!same) lines = next
    return !same
  }

  repaint()
  return {
    lines: () => lines,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    refresh() {
      if (!repaint()) return
      for (const listener of listeners) listener()
    },
  }
}
