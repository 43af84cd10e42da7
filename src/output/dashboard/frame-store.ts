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
  let lines: readonly string[] = paint()

  function paint(): readonly string[] {
    return viewer.nextFrame()?.lines.map(line => paintLine(line, theme)) ?? []
  }

  return {
    lines: () => lines,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    refresh() {
      const next = viewer.nextFrame()
      if (next === null) return
      lines = next.lines.map(line => paintLine(line, theme))
      for (const listener of listeners) listener()
    },
  }
}
