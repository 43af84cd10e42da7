import type { ServerState, StepState } from '../../events/state.js'
import { bar } from './bar.js'
import { causeOf, failedStep, type Standing, standingOf } from './fleet.js'
import { durationText, elapsedOf, type StepProgress, stepProgress } from './pace.js'
import type { Scene } from './scene.js'
import { settingsCell } from './setting-names.js'
import { fitLine, type Line, lineWidth, padLine, span } from './span.js'
import { standingGlyph, standingLooks } from './standing.js'
import { padCell, textWidth } from './text-width.js'

/** A table column: how wide, and what it says of a server. The last one takes what is left. */
interface Column {
  title: string
  width: number
  align: 'left' | 'right'
  cell(server: ServerState, context: RowContext): Line
}

interface RowContext {
  scene: Scene
  standing: Standing
  typicalMs: number | null
  /** The cause stands in the row itself: there is no room for a line of its own. */
  causeInRow: boolean
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
      cell: ({ name: text }, { standing }) => [span(text, nameTone(standing))],
    },
    { title: 'ROLE', width: wide ? 8 : 4, align: 'left', cell: server => [span(roleText(server.roles), 'dim')] },
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

function nameTone(standing: Standing): Line[number]['tone'] {
  return standing === 'running' || standing === 'changed' || standing === 'ok' ? 'plain' : standingLooks[standing].tone
}

/** `MBX`, `CAS`; of several roles the first two. */
function roleText(roles: readonly string[]): string {
  const short = roles.map(role => (role === 'mailbox' ? 'MBX' : role.toUpperCase()))
  return short.slice(0, 2).join('+')
}

function stepCell(server: ServerState, { standing }: RowContext): Line {
  const { word, tone } = standingLooks[standing]
  if (server.outcome === null) {
    if (server.current !== null) return [span(server.current, standing === 'failed' ? 'failed' : 'plain')]
    return [span(standing === 'running' ? 'between steps' : word, tone)]
  }
  const step = failedStep(server)
  return [span(step === null || standing === 'changed' || standing === 'ok' ? word : step, tone)]
}

/** The step that runs, or the one that failed. */
function shownStep(server: ServerState): StepState | null {
  const step = server.current ?? (server.outcome === 'changed' || server.outcome === 'ok' ? null : failedStep(server))
  return step === null ? null : (server.steps[step] ?? null)
}

function progressOf(server: ServerState, { scene: { now }, typicalMs }: RowContext): StepProgress | null {
  const step = shownStep(server)
  return step === null ? null : stepProgress(step, { now, typicalMs: server.current === 'install' ? typicalMs : null })
}

function percentText({ percent, estimated }: StepProgress): string {
  return `${estimated ? '~' : ''}${Math.round(percent)}%`
}

function percentCell(server: ServerState, context: RowContext): Line {
  const progress = progressOf(server, context)
  return [progress === null ? span('-', 'dim') : span(percentText(progress))]
}

function barCell(server: ServerState, context: RowContext): Line {
  const { scene, standing } = context
  const progress = progressOf(server, context)
  if (progress === null) return [span((server.current === null ? null : shownStep(server)?.note) ?? '-', 'dim')]
  const tone = standing === 'running' ? 'done' : standingLooks[standing].tone
  return [
    ...bar(progress.percent / 100, { width: 10, glyphs: scene.glyphs, tone }),
    span(percentText(progress).padStart(5)),
  ]
}

function timeCell(server: ServerState, { scene }: RowContext): Line {
  const ms = elapsedOf(server, scene.now)
  return [ms === null ? span('-', 'dim') : span(durationText(ms))]
}

function serviceCell({ services }: ServerState): Line {
  if (services === null) return [span('-', 'dim')]
  const text = `${services.running}/${services.expected}`
  return [span(text, services.running < services.expected ? 'warning' : 'plain')]
}

function lastCell(server: ServerState, { causeInRow }: RowContext): Line {
  const cause = causeInRow ? causeOf(server) : null
  if (cause === null) return settingsCell(server)
  const stuck = Object.keys(server.stuck).length > 0
  return [...(stuck ? [span('STUCK', 'stuck'), span(' ')] : []), span(cause.id, standingLooks[standingOf(server)].tone)]
}

export function longestName(servers: readonly ServerState[]): number {
  return servers.reduce((longest, { name }) => Math.max(longest, textWidth(name)), 0)
}
