import { activityLines } from './activity-lines.js'
import { drawBatchCards } from './batch-cards.js'
import { longestName, tableColumns, tableHead } from './columns.js'
import { detailLines, logTail } from './detail.js'
import { aboutOf, type Body, factsOf } from './frame.js'
import { groupServers } from './groups.js'
import { drawList } from './list.js'
import type { Scene, Size } from './scene.js'
import { type Line, padLine, span } from './span.js'
import { statusLine } from './status-line.js'

/** From here on the detail stands beside the list. */
export const sideBySide = 140

/** The table of servers; the batches above it and the detail beside it where there is room. */
export function drawTable(scene: Scene, size: Size, height: number): Body {
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

/** The detail of a server, and as much of its log as is left room for. */
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

function filledTo(lines: readonly Line[], height: number): Line[] {
  return [...lines, ...Array.from({ length: Math.max(0, height - lines.length) }, (): Line => [])]
}
