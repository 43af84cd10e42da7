import { detailLines, logTail } from './detail.js'
import { aboutOf, type Body, type BodyFacts, factsOf } from './frame.js'
import { groupServers } from './groups.js'
import { helpLines } from './help.js'
import { drawList } from './list.js'
import { drawLog } from './log-pane.js'
import type { Scene, Size } from './scene.js'
import { fitLine, type Line, span, spreadLine } from './span.js'

/** What is read over the whole width: the help, the detail of a server, or its log. */
export function drawReading(scene: Scene, size: Size, height: number): Body {
  const { pane } = scene.view
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
