import type { FrameFacts } from './frame.js'
import { groupKey, groupOfKey, joinedPrefix, next, type Opening, openings, serverOfKey, type View } from './view.js'

/** The cursor in the list, or what is read, `by` lines further. */
export function moved(view: View, { rows, cursor, lastScroll }: FrameFacts, by: number): Partial<View> {
  if (view.pane !== 'list') {
    const from = view.pane === 'log' && view.follow ? lastScroll : Math.min(view.scroll, lastScroll)
    const scroll = clamp(from + by, 0, lastScroll)
    return { scroll, follow: view.pane === 'log' && scroll === lastScroll && by > 0 }
  }
  const at = cursor === null ? 0 : rows.indexOf(cursor)
  return { cursor: rows[clamp(at + by, 0, rows.length - 1)] ?? null }
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value))
}

/** What Enter opens: a server in its detail, groups that shared a line each on their own, a group, or shut again. */
export function opened(view: View, { cursor, open }: FrameFacts): Partial<View> {
  const server = serverOfKey(cursor)
  if (server !== null) return { pane: 'detail', cursor, scroll: 0 }
  const group = groupOfKey(cursor)
  if (group === null) return {}
  if (group.startsWith(joinedPrefix)) return { spread: true, cursor: groupKey(group.slice(joinedPrefix.length)) }
  return { cursor, folded: { ...view.folded, [group]: open.includes(group) } }
}

/** Back out, one thing at a time: the pane, the marks, the filter, the spread, the fold. */
export function closed(view: View, { cursor }: FrameFacts): Partial<View> {
  const group = groupOfKey(cursor)
  if (view.pane !== 'list') return { pane: 'list', scroll: 0, search: '' }
  if (view.marked.length > 0) return { marked: [] }
  if (view.filter !== '' || view.failedOnly) return { filter: '', failedOnly: false }
  if (view.spread) return { spread: false }
  return group === null ? {} : { folded: { ...view.folded, [group]: true } }
}

/** Marks or unmarks the server under the cursor, and goes to the next. */
export function marked(view: View, facts: FrameFacts): Partial<View> {
  const server = serverOfKey(facts.cursor)
  if (server === null) return {}
  const without = view.marked.filter(name => name !== server)
  return {
    marked: without.length === view.marked.length ? [...view.marked, server] : without,
    ...moved({ ...view, cursor: facts.cursor }, facts, 1),
  }
}

const openingWords: Record<Opening, string> = {
  auto: 'groups are open as there is room',
  active: 'all but the active groups are folded',
  all: 'all groups are open',
}

/** The next way to fold the groups. */
export function foldedAll({ opening }: View): Partial<View> {
  const then = next(openings, opening)
  return { opening: then, folded: {}, notice: openingWords[then] }
}
