import type { Group } from './groups.js'
import { type CauseLevels, createItemMaker, type Item, type ItemMaker, type Shape } from './list-items.js'
import type { Scene } from './scene.js'
import type { Line } from './span.js'
import { serverKey } from './view.js'

/** From the roomiest to the tightest. */
const roomiest: Shape = { cause: 2, open: 'all', ended: true, join: false }
const shapes: readonly Shape[] = [
  roomiest,
  { cause: 2, open: 'next', ended: true, join: false },
  { cause: 2, open: 'active', ended: true, join: false },
  { cause: 2, open: 'active', ended: false, join: false },
  { cause: 2, open: 'active', ended: false, join: true },
  { cause: 1, open: 'active', ended: false, join: true },
  { cause: 0, open: 'active', ended: false, join: true },
]

export interface ListFrame {
  lines: Line[]
  /** Keys the cursor can be on, top to bottom. */
  keys: string[]
  /** Where the cursor is: the view's, or the top row if that one is gone. */
  cursor: string | null
  /** Ids of the groups that are open. */
  open: string[]
  /** Causes stand in rows, for want of lines of their own. */
  causesInRows: boolean
  /** Items above and below what is shown. */
  above: number
  below: number
  /** Of those below, the servers that need attention. */
  attentionBelow: number
}

/** The list in `width` columns and at most `height` lines, around the cursor. */
export function drawList(
  groups: readonly Group[],
  scene: Scene,
  { width, height }: { width: number; height: number },
): ListFrame {
  const maker = createItemMaker(groups, scene, width)
  let shape = roomiest
  let items: Item[] = []
  for (const tried of shapes) {
    shape = scene.view.spread ? { ...tried, join: false } : tried
    items = maker.items(shape, none)
    if (heightOf(items) <= height) break
  }
  const keys = items.flatMap(({ key }) => key ?? [])
  const wanted = scene.view.cursor
  const cursor = wanted !== null && keys.includes(wanted) ? wanted : firstKey(keys)
  const spare = height - heightOf(items)
  if (shape.cause < 2) items = maker.items(shape, moreCauses(shape.cause, maker, { groups, cursor: wanted, spare }))
  const open = items.flatMap(({ opens }) => opens ?? [])
  return { ...showAround(items, cursor, height), keys, cursor, open, causesInRows: shape.cause === 0 }
}

const none: CauseLevels = new Map()

function heightOf(items: readonly Item[]): number {
  return items.reduce((sum, item) => sum + item.height, 0)
}

/** Where lines are to spare, causes are written out after all: under the cursor in any case, then from the top. */
function moreCauses(
  least: Shape['cause'],
  { rowHeight }: ItemMaker,
  { groups, cursor, spare }: { groups: readonly Group[]; cursor: string | null; spare: number },
): CauseLevels {
  const levels = new Map<string, Shape['cause']>()
  const servers = groups.find(({ kind }) => kind === 'attention')?.servers ?? []
  let left = spare
  const selected = servers.find(({ name }) => serverKey(name) === cursor)
  if (selected !== undefined) {
    left -= rowHeight(selected, 2) - rowHeight(selected, least)
    levels.set(selected.name, 2)
  }
  for (const level of [1, 2] as const) {
    for (const server of servers) {
      const now = levels.get(server.name) ?? least
      if (now >= level) continue
      left -= rowHeight(server, level) - rowHeight(server, now)
      if (left < 0) return levels
      levels.set(server.name, level)
    }
  }
  return levels
}

/** The cursor starts on a server, not on a heading. */
function firstKey(keys: readonly string[]): string | null {
  return keys.find(key => key.startsWith('server:')) ?? keys[0] ?? null
}

/** The stretch of items around the cursor that fits: it begins at the top for as long as the cursor is seen there. */
function showAround(items: readonly Item[], cursor: string | null, height: number) {
  const at = Math.max(
    0,
    items.findIndex(({ key }) => key !== null && key === cursor),
  )
  const after = at + 1 < items.length ? 1 : 0
  let start = 0
  let used = items.slice(0, at + 1 + after).reduce((sum, item) => sum + item.height, 0)
  // One line is kept for what follows below.
  while (used > height - 1 && start < at) {
    used -= items[start]?.height ?? 0
    start++
  }
  const lines: Line[] = []
  let end = start
  for (const item of items.slice(start)) {
    if (lines.length + item.height > height && lines.length > 0) break
    lines.push(...item.draw(item.key !== null && item.key === cursor))
    end++
  }
  const attentionBelow = items.slice(end).filter(({ attention }) => attention).length
  return { lines: lines.slice(0, Math.max(0, height)), above: start, below: items.length - end, attentionBelow }
}
