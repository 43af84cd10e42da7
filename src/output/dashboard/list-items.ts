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
export interface Shape {
  /** Lines of cause and remedy under a server that needs attention; at 0 its cause is named in the row itself. */
  cause: 0 | 1 | 2
  /** Groups opened beside the active ones: all, the first that waits, or none. */
  open: 'all' | 'next' | 'active'
  /** Ended servers of an active group have rows. */
  ended: boolean
  /** Groups that are not open share a line. */
  join: boolean
}

/** A thing in the list: it knows its height before it is drawn, so that only what is seen is drawn. */
export interface Item {
  /** Null: the cursor passes over it. */
  key: string | null
  height: number
  /** A server that needs attention. */
  attention: boolean
  /** The id of the group whose open heading this is. */
  opens: string | null
  draw(selected: boolean): Line[]
}

/** How many lines of cause a server has, where that is not what the shape says. */
export type CauseLevels = ReadonlyMap<string, Shape['cause']>

export interface ItemMaker {
  items(shape: Shape, levels: CauseLevels): Item[]
  /** Of the row of a server that needs attention, with its lines of cause. */
  rowHeight(server: ServerState, cause: Shape['cause']): number
}

/** Makes the things of the list, in `width` columns. */
export function createItemMaker(groups: readonly Group[], scene: Scene, width: number): ItemMaker {
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

  const items = (shape: Shape, levels: CauseLevels): Item[] => {
    const made: Item[] = []
    let run: Group[] = []
    const endRun = () => {
      const [first] = run
      if (first !== undefined) made.push(...(run.length === 1 ? groupItems(first, shape, levels) : [joinedItem(run)]))
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
      else made.push(...groupItems(group, shape, levels))
    }
    endRun()
    return made
  }

  return { items, rowHeight: (server, cause) => rowOf(server, cause).height }
}
