import type { ServerState } from '../../events/state.js'
import {
  barCell,
  type Cell,
  lastCell,
  nameCell,
  percentCell,
  type RowContext,
  roleCell,
  serviceCell,
  stepCell,
  timeCell,
} from './cells.js'
import { standingOf } from './fleet.js'
import type { Scene } from './scene.js'
import { fitLine, type Line, lineWidth, padLine, span } from './span.js'
import { standingGlyph, standingLooks } from './standing.js'
import { padCell, textWidth } from './text-width.js'

/** A table column: how wide, and what it says of a server. The last one takes what is left. */
interface Column {
  title: string
  width: number
  align: 'left' | 'right'
  cell: Cell
}

/** Widths for a table of `width` columns whose longest server name is `longestName`. */
export function tableColumns(width: number, longestName: number): Column[] {
  const wide = width >= 96
  const name = Math.min(Math.max(longestName, 6), wide ? 28 : 16)
  let columns: Column[] = [
    {
      title: 'SERVER',
      width: name,
      align: 'left',
      cell: nameCell,
    },
    { title: 'ROLE', width: wide ? 8 : 4, align: 'left', cell: roleCell },
    { title: 'STEP', width: 16, align: 'left', cell: stepCell },
    { title: 'PROG', width: wide ? 15 : 4, align: wide ? 'left' : 'right', cell: wide ? barCell : percentCell },
    { title: 'TIME', width: 7, align: 'right', cell: timeCell },
    { title: 'SVC', width: 5, align: 'right', cell: serviceCell },
  ]
  const rest = (kept: readonly Column[]) => width - kept.reduce((sum, column) => sum + column.width + 1, rowLead) - 1
  // The last column names causes and settings: what it needs, others give up in this order.
  for (const title of ['SVC', 'ROLE', 'TIME']) {
    if (rest(columns) >= leastLast) break
    columns = columns.filter(column => column.title !== title)
  }
  return [...columns, { title: 'SETTINGS OUT', width: Math.max(0, rest(columns)), align: 'left', cell: lastCell }]
}

/** `missing-cached-package` can be read whole. */
const leastLast = 22

/** Cursor, mark and standing before the first column. */
const rowLead = 4

export function tableHead(
  columns: readonly Column[],
  { width, scene, causesInRows }: { width: number; scene: Scene; causesInRows: boolean },
): Line {
  const { ellipsis } = scene.glyphs
  const cells = columns.map(({ title, width: wide, align }, index) =>
    padCell(causesInRows && index === columns.length - 1 ? `CAUSE, ${title}` : title, wide, ellipsis, align),
  )
  return fitLine([span(`${' '.repeat(rowLead)}${cells.join(' ')}`, 'dim')], width, ellipsis)
}

/** One server as a row of the table. */
export function serverRow(
  server: ServerState,
  {
    columns,
    width,
    scene,
    selected,
    causeInRow,
    typicalMs,
  }: {
    columns: readonly Column[]
    width: number
    scene: Scene
    selected: boolean
    causeInRow: boolean
    /** What an install takes in this run. */
    typicalMs: number | null
  },
): Line {
  const { glyphs, view } = scene
  const standing = standingOf(server)
  const context: RowContext = { scene, standing, typicalMs, causeInRow }
  const cells = columns.flatMap(({ cell, width: wide, align }) => {
    const line = cell(server, context)
    const blanks = Math.max(0, wide - lineWidth(line))
    return align === 'right' && blanks > 0
      ? [span(' '.repeat(blanks)), ...line, span(' ')]
      : [...padLine(line, wide, glyphs.ellipsis), span(' ')]
  })
  const lead = [
    span(selected ? glyphs.cursor : ' ', 'cursor'),
    span(view.marked.includes(server.name) ? glyphs.mark : ' ', 'key'),
    span(standingGlyph(standing, scene), standingLooks[standing].tone),
    span(' '),
  ]
  return fitLine([...lead, ...(selected ? cells.map(strengthened) : cells)], width, glyphs.ellipsis)
}

function strengthened(piece: Line[number]): Line[number] {
  return piece.tone === 'plain' || piece.tone === 'dim' ? { ...piece, tone: 'strong' } : piece
}

export function longestName(servers: readonly ServerState[]): number {
  return servers.reduce((longest, { name }) => Math.max(longest, textWidth(name)), 0)
}
