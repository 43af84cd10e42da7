import type { KeyFacts } from './bindings.js'
import type { ListFrame } from './list.js'
import type { Scene } from './scene.js'
import type { Line } from './span.js'
import { serverOfKey } from './view.js'

/** A whole screen, and what the keys need to know of it. */
export interface Frame {
  /** At most `rows - 1`, none wider than `columns`: the last line of a terminal is never written, or it scrolls. */
  lines: Line[]
  facts: FrameFacts
}

export interface FrameFacts extends KeyFacts {
  /** Where the cursor can be, top to bottom, and where it is. */
  rows: readonly string[]
  /** Ids of the groups that are open. */
  open: readonly string[]
  cursor: string | null
  /** The server that detail, log and wishes are about. */
  about: string | null
  /** The server whose log is on the screen, or would be if it had one. */
  reads: string | null
  /** Lines a page key moves. */
  page: number
  /** The scroll that shows the end of what scrolls here. */
  lastScroll: number
}

/** What the pane in the middle knows of the facts. */
export type BodyFacts = Omit<FrameFacts, keyof KeyFacts> & { server: boolean }

export interface Body {
  lines: Line[]
  facts: BodyFacts
}

/** The server under the cursor; before the cursor was moved, the first of the list. */
export function aboutOf({ view }: Scene, { cursor }: ListFrame): string | null {
  return serverOfKey(cursor ?? view.cursor)
}

export function factsOf(scene: Scene, list: ListFrame, page: number): BodyFacts {
  const about = aboutOf(scene, list)
  return {
    rows: list.keys,
    open: list.open,
    cursor: list.cursor,
    about,
    reads: null,
    page,
    lastScroll: 0,
    server: about !== null || scene.view.marked.length > 0,
  }
}
