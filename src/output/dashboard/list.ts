import type { ServerState } from '../../events/state.js'
import { causeLines } from './cause-lines.js'
import { longestName, serverRow, tableColumns } from './columns.js'
import { causeOf, needsAttention, serversOf } from './fleet.js'
import type { Group } from './groups.js'
import { headingLine, joinedLine } from './heading.js'
import { typicalInstallMs } from './pace.js'
import type { Scene } from './scene.js'
import type { Line } from './span.js'
import { groupKey, joinedPrefix, serverKey } from './view.js'

/** How roomy the list is drawn. Shapes are tried from the roomiest to the tightest. */
interface Shape {
  /** Lines of cause and remedy under a server that needs attention; at 0 its cause is named in the row itself. */
  cause: 0 | 1 | 2
  /** Groups opened beside the active ones: all, the first that waits, or none. */
  open: 'all' | 'next' | 'active'
  /** Ended servers of an active group have rows. */
  ended: boolean
  /** Groups that are not open share a line. */
  join: boolean
}

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

/** A thing in the list: it knows its height before it is drawn, so that only what is seen is drawn. */
interface Item {
  /** Null: the cursor passes over it. */
  key: string | null
  height: number
  /** A server that needs attention. */
  attention: boolean
  /** The id of the group whose open heading this is. */
  opens: string | null
  draw(selected: boolean): Line[]
}

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
  const make = itemMaker(groups, scene, width)
  let shape = roomiest
  let items: Item[] = []
  for (const tried of shapes) {
    shape = scene.view.spread ? { ...tried, join: false } : tried
    items = make(shape, none)
    if (heightOf(items) <= height) break
  }
  const keys = items.flatMap(({ key }) => key ?? [])
  const wanted = scene.view.cursor
  const cursor = wanted !== null && keys.includes(wanted) ? wanted : firstKey(keys)
  if (shape.cause < 2) items = withMoreCauses(items, level => make(shape, level), { groups, cursor: wanted, height })
  const open = items.flatMap(({ opens }) => opens ?? [])
  return { ...showAround(items, cursor, height), keys, cursor, open, causesInRows: shape.cause === 0 }
}

/** How many lines of cause a server has, where that is not what the shape says. */
type CauseLevels = ReadonlyMap<string, Shape['cause']>
const none: CauseLevels = new Map()

function heightOf(items: readonly Item[]): number {
  return items.reduce((sum, item) => sum + item.height, 0)
}

/** Where room is left, causes are written out after all: under the cursor first, then from the top. */
function withMoreCauses(
  items: Item[],
  make: (levels: CauseLevels) => Item[],
  { groups, cursor, height }: { groups: readonly Group[]; cursor: string | null; height: number },
): Item[] {
  const levels = new Map<string, Shape['cause']>()
  const servers = groups.find(({ kind }) => kind === 'attention')?.servers ?? []
  const selected = servers.find(({ name }) => serverKey(name) === cursor)
  let best = items
  if (selected !== undefined) best = make(levels.set(selected.name, 2))
  for (const level of [1, 2] as const) {
    for (const { name } of servers) {
      const before = levels.get(name)
      if ((before ?? 0) >= level) continue
      const tried = make(levels.set(name, level))
      if (heightOf(tried) <= height) {
        best = tried
        continue
      }
      if (before === undefined) levels.delete(name)
      else levels.set(name, before)
      return best
    }
  }
  return best
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

function itemMaker(
  groups: readonly Group[],
  scene: Scene,
  width: number,
): (shape: Shape, levels: CauseLevels) => Item[] {
  const { view } = scene
  const columns = tableColumns(width, longestName(groups.flatMap(({ servers }) => servers)))
  const next = groups.find(({ kind }) => kind === 'waiting')
  const typicalMs = typicalInstallMs(serversOf(scene.model.run))

  const rowOf = (server: ServerState, lines: Shape['cause']): Item => {
    const cause = lines === 0 ? null : causeOf(server)
    const below = cause === null || lines === 0 ? [] : causeLines(server, cause, { lines, scene, width })
    return {
      key: serverKey(server.name),
      height: 1 + below.length,
      attention: needsAttention(server),
      opens: null,
      draw: selected => [
        serverRow(server, { columns, width, scene, selected, causeInRow: cause === null, typicalMs }),
        ...below,
      ],
    }
  }

  const isOpen = (group: Group, { open }: Shape): boolean => {
    if (group.kind === 'attention') return true
    if (group.servers.length === 0) return false
    const byHand = view.folded[group.id]
    if (byHand !== undefined) return !byHand
    if (view.opening !== 'auto') return view.opening === 'all' || group.kind === 'active'
    return group.kind === 'active' || open === 'all' || (open === 'next' && group === next)
  }

  const groupItems = (group: Group, shape: Shape, levels: CauseLevels): Item[] => {
    const open = isOpen(group, shape)
    const heading: Item = {
      key: group.kind === 'attention' ? null : groupKey(group.id),
      height: 1,
      attention: false,
      opens: open ? group.id : null,
      draw: selected => [headingLine(group, { open, selected, scene, width })],
    }
    if (!open) return [heading]
    if (group.kind === 'attention')
      return [heading, ...group.servers.map(server => rowOf(server, levels.get(server.name) ?? shape.cause))]
    const all = shape.ended || group.kind !== 'active' || view.folded[group.id] === false || view.opening === 'all'
    const rows = all ? group.servers : group.servers.filter(server => server.outcome === null)
    return [heading, ...rows.map(server => rowOf(server, 0))]
  }

  const joinedItem = (run: readonly Group[]): Item => ({
    key: groupKey(joinedPrefix + (run[0]?.id ?? '')),
    height: 1,
    attention: false,
    opens: null,
    draw: selected => [joinedLine(run, { selected, scene, width })],
  })

  return (shape, levels) => {
    const items: Item[] = []
    let run: Group[] = []
    const endRun = () => {
      const [first] = run
      if (first !== undefined) items.push(...(run.length === 1 ? groupItems(first, shape, levels) : [joinedItem(run)]))
      run = []
    }
    for (const group of groups) {
      const foldable = shape.join && !isOpen(group, shape)
      if (foldable && (run[0] === undefined || run[0].kind === group.kind)) {
        run.push(group)
        continue
      }
      endRun()
      if (foldable) run.push(group)
      else items.push(...groupItems(group, shape, levels))
    }
    endRun()
    return items
  }
}
