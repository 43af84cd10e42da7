import type { ServerState } from '../../events/state.js'
import { type Cause, standingOf } from './fleet.js'
import type { Scene } from './scene.js'
import { fitLine, type Line, lineWidth, span } from './span.js'
import { standingLooks } from './standing.js'

/** Under a row: what the cause is, then what to do about it. */
export function causeLines(
  server: ServerState,
  { id, text, remedy }: Cause,
  { lines, scene: { glyphs }, width }: { lines: 1 | 2; scene: Scene; width: number },
): Line[] {
  const { word, tone } = standingLooks[standingOf(server)]
  const indent = span('    ')
  const first = [
    indent,
    span(`${word === 'running' ? '' : `${word} `}${id}`, tone),
    span(text === '' ? '' : `  ${text}`),
  ]
  if (remedy === '') return [fitLine(first, width, glyphs.ellipsis)]
  const second = [indent, span('do: ', 'dim'), span(remedy)]
  // Side by side when both can be read whole.
  if (lineWidth(first) + lineWidth(second) <= width) return [[...first, span('   '), ...second.slice(1)]]
  return [first, second].slice(0, lines).map(line => fitLine(line, width, glyphs.ellipsis))
}
