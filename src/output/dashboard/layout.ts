import type { KeyFacts } from './bindings.js'
import { countFleet, needsAttention, serversOf } from './fleet.js'
import { drawFooter } from './footer.js'
import type { Body, Frame } from './frame.js'
import { drawReading } from './reading-pane.js'
import type { Scene, Size } from './scene.js'
import { fitLine, type Line, span } from './span.js'
import { standingLooks } from './standing.js'
import { drawStrip } from './strip.js'
import { drawTable, sideBySide } from './table-pane.js'

const smallest: Size = { columns: 60, rows: 16 }

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

function drawBody(scene: Scene, size: Size, height: number): Body {
  const { pane } = scene.view
  const inTable = pane === 'list' || (pane === 'detail' && size.columns >= sideBySide)
  return inTable ? drawTable(scene, size, height) : drawReading(scene, size, height)
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
