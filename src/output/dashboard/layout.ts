import { drawBatchCards } from './batch-cards.js'
import { longestName, tableColumns, tableHead } from './columns.js'
import { detailLines, logTail } from './detail.js'
import { countFleet, needsAttention, serversOf } from './fleet.js'
import { drawFooter } from './footer.js'
import { groupServers } from './groups.js'
import { helpLines } from './help.js'
import type { KeyFacts } from './keys.js'
import { drawList, type ListFrame } from './list.js'
import { drawLog } from './log-pane.js'
import type { Scene, Size } from './scene.js'
import { fitLine, type Line, padLine, span, spreadLine } from './span.js'
import { standingLooks } from './standing.js'
import { drawStrip } from './strip.js'
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

const smallest: Size = { columns: 60, rows: 16 }
/** From here on the detail stands beside the list. */
const sideBySide = 140

/** The dashboard as a function of the run, the view, the clock and the size. */
export function layout(scene: Scene, size: Size): Frame {
  const height = Math.max(0, size.rows - 1)
  if (size.columns < smallest.columns || size.rows < smallest.rows) return tooSmall(scene, size, height)
  const strip = drawStrip(scene, size.columns)
  const body = drawBody(scene, size, height - strip.length - 1)
  const facts = { ...keyFacts(scene), ...body.facts }
  const footer = drawFooter(scene, facts, size.columns)
  const blank: Line = []
  const filled = [...body.lines, ...Array.from({ length: height }, () => blank)].slice(0, height - strip.length - 1)
  return { lines: [...strip, ...filled, footer], facts }
}

type BodyFacts = Omit<FrameFacts, keyof KeyFacts> & { server: boolean }
interface Body {
  lines: Line[]
  facts: BodyFacts
}

function drawBody(scene: Scene, size: Size, height: number): Body {
  const { pane } = scene.view
  const wide = size.columns >= sideBySide
  if (pane === 'list' || (pane === 'detail' && wide)) return drawTable(scene, size, height)
  const list = drawList(groupServers(scene.model.run, scene.view, scene.now), scene, { width: size.columns, height })
  const about = aboutOf(scene, list)
  const facts = factsOf(scene, list, height - 1)
  const server = about === null ? undefined : scene.model.run.servers[about]
  if (pane === 'help')
    return scrolled(helpLines(scene, size.columns - 2), 'KEYS', { scene, width: size.columns, height, facts })
  if (server === undefined) return { lines: [[span('  No server is selected.', 'dim')]], facts }
  if (pane === 'log') {
    const log = drawLog(server, scene, { width: size.columns, height })
    return { lines: log.lines, facts: { ...facts, reads: about, lastScroll: log.lastScroll } }
  }
  const lines = detailLines(server, scene, size.columns - 2)
  const room = height - lines.length - 2
  const all = room >= 4 ? [...lines, [], ...logTail(server, scene, { width: size.columns - 2, height: room })] : lines
  return scrolled(all, 'DETAIL', { scene, width: size.columns, height, facts: { ...facts, reads: about } })
}

/** A long text under one heading, from the view's scroll on. */
function scrolled(
  lines: readonly Line[],
  title: string,
  { scene, width, height, facts }: { scene: Scene; width: number; height: number; facts: BodyFacts },
): Body {
  const { glyphs, view } = scene
  const room = Math.max(0, height - 1)
  const lastScroll = Math.max(0, lines.length - room)
  const from = Math.min(view.scroll, lastScroll)
  const below = Math.max(0, lines.length - from - room)
  const position = below > 0 ? `${below} more lines below ` : from > 0 ? 'end ' : ''
  const head = spreadLine([span(` ${title}`, 'dim')], [span(position, 'dim')], width, glyphs.ellipsis)
  const shown = lines.slice(from, from + room).map(line => fitLine([span(' '), ...line], width, glyphs.ellipsis))
  return { lines: [head, ...shown], facts: { ...facts, lastScroll } }
}

function drawTable(scene: Scene, size: Size, height: number): Body {
  const { glyphs, view, now, model } = scene
  const wide = size.columns >= sideBySide
  const width = wide ? Math.floor(size.columns * 0.62) : size.columns
  const cards = size.rows >= 36 && size.columns >= 100 ? drawBatchCards(scene, size.columns) : []
  const top = cards.length === 0 ? [] : [...cards, []]
  const groups = groupServers(model.run, view, now)
  const columns = tableColumns(width, longestName(groups.flatMap(({ servers }) => servers)))
  const room = height - top.length - 2
  const tall = drawList(groups, scene, { width, height: room })
  const spare = room - tall.lines.length
  const activity = activityLines(scene, size.columns, Math.min(size.rows >= 36 ? 4 : 2, spare))
  const inner = room - activity.length
  const list = inner === room ? tall : drawList(groups, scene, { width, height: inner })
  const table = [
    tableHead(columns, { width, scene, causesInRows: list.causesInRows }),
    ...filledTo(list.lines, inner),
    statusLine(list, scene, width),
  ]
  const about = aboutOf(scene, list)
  const facts = factsOf(scene, list, Math.max(1, inner - 1))
  if (!wide) return { lines: [...top, ...table, ...activity], facts }
  const side = sidePane(about, scene, { width: size.columns - width - 3, height: table.length })
  const both = table.map((line, index) => [
    ...padLine(line, width, glyphs.ellipsis),
    span(` ${glyphs.divider} `, view.pane === 'detail' ? 'cursor' : 'dim'),
    ...(side.lines[index] ?? []),
  ])
  return { lines: [...top, ...both, ...activity], facts: { ...facts, reads: about, lastScroll: side.lastScroll } }
}

function sidePane(about: string | null, scene: Scene, { width, height }: { width: number; height: number }) {
  const server = about === null ? undefined : scene.model.run.servers[about]
  if (server === undefined) return { lines: [], lastScroll: 0 }
  const lines = detailLines(server, scene, width)
  const lastScroll = Math.max(0, lines.length - height)
  const from = scene.view.pane === 'detail' ? Math.min(scene.view.scroll, lastScroll) : 0
  const shown = lines.slice(from, from + height)
  const room = height - shown.length - 1
  return {
    lines: [...shown, ...(room < 4 ? [] : [[], ...logTail(server, scene, { width, height: room })])],
    lastScroll,
  }
}

function statusLine(
  { above, below, attentionBelow, keys, cursor }: ListFrame,
  { view, glyphs }: Scene,
  width: number,
): Line {
  const words = [
    view.filter === '' ? '' : `filter: ${view.filter}`,
    view.failedOnly ? 'only what needs attention' : '',
    view.group === 'batch' ? '' : `by ${view.group}`,
    view.sort === 'plan' ? '' : `sorted by ${view.sort}`,
    view.marked.length === 0 ? '' : `${view.marked.length} marked`,
  ].filter(word => word !== '')
  const place = cursor === null ? 'nothing to show' : `${keys.indexOf(cursor) + 1}/${keys.length}`
  const more = attentionBelow > 0 ? `${below} below, ${attentionBelow} need attention` : `${below} below`
  const beyond = [above > 0 ? `${above} above` : '', below > 0 ? more : ''].filter(word => word !== '')
  return spreadLine(
    [span(` ${words.join('   ')}`, 'warning')],
    [span(`${[...beyond, place].join('   ')} `, 'dim')],
    width,
    glyphs.ellipsis,
  )
}

function activityLines({ model, glyphs }: Scene, width: number, count: number): Line[] {
  if (count <= 0) return []
  return model.activity
    .slice(-count)
    .map(({ at, server, text, tone }) =>
      fitLine(
        [span(` ${localTime(at)} `, 'dim'), span(server === null ? '' : `${server}  `), span(text, tone)],
        width,
        glyphs.ellipsis,
      ),
    )
}

/** The operator's own time of day. */
function localTime(at: string): string {
  return new Date(at).toTimeString().slice(0, 8)
}

function filledTo(lines: readonly Line[], height: number): Line[] {
  return [...lines, ...Array.from({ length: Math.max(0, height - lines.length) }, (): Line => [])]
}

/** The server under the cursor; before the cursor was moved, the first of the list. */
function aboutOf({ view }: Scene, { cursor }: ListFrame): string | null {
  return serverOfKey(cursor ?? view.cursor)
}

function factsOf(scene: Scene, list: ListFrame, page: number): BodyFacts {
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

function keyFacts({ control, model: { mode } }: Scene): Omit<KeyFacts, 'server'> {
  return {
    control,
    paused: mode.kind === 'paused',
    stopping: mode.kind === 'stopping' || mode.kind === 'leaving',
    ended: mode.kind === 'finished' || mode.kind === 'lost',
  }
}

/** Too small for a table: the strip as far as it fits, what failed, and the size that is needed. */
function tooSmall(scene: Scene, { columns }: Size, height: number): Frame {
  const servers = serversOf(scene.model.run)
  const attention = servers.filter(needsAttention).length
  const { ended, total } = countFleet(servers)
  const lines: Line[] = [
    [span(`exroll ${ended}/${total}`, 'strong')],
    attention === 0
      ? [span('nothing needs attention')]
      : [span(`${attention} need attention`, standingLooks.failed.tone)],
    [span(`needs ${smallest.columns}x${smallest.rows}`, 'dim')],
    ...drawStrip(scene, columns),
  ]
  return {
    lines: lines.slice(0, height).map(line => fitLine(line, columns, scene.glyphs.ellipsis)),
    facts: {
      ...keyFacts(scene),
      server: false,
      rows: [],
      open: [],
      cursor: null,
      about: null,
      reads: null,
      page: 1,
      lastScroll: 0,
    },
  }
}
