import type { ServerState } from '../../events/state.js'
import { logOf } from './log-lines.js'
import type { LogLine } from './model.js'
import type { Scene } from './scene.js'
import { fitLine, type Line, span, spreadLine } from './span.js'
import { drawable, wrapText } from './text-width.js'

export interface LogFrame {
  lines: Line[]
  /** The scroll that shows the end. */
  lastScroll: number
}

/** A server's log over the whole pane. Only the lines that are seen are measured and cut. */
export function drawLog(
  server: ServerState,
  scene: Scene,
  { width, height }: { width: number; height: number },
): LogFrame {
  const { view, glyphs, model } = scene
  const lines = logOf(model, server.name)
  const room = Math.max(0, height - 1)
  const last = lines.at(-1)
  const head = spreadLine(
    [span(` LOG  ${server.name}`, 'strong'), span(last === undefined ? '' : `  ${last.log}`, 'dim')],
    [
      ...(view.search === '' ? [] : [span(`find ${view.search}  `, 'warning')]),
      span(
        `${view.wrap ? 'wrapped  ' : ''}${view.follow ? 'following ' : `line ${lines[view.scroll]?.line ?? 0} `}`,
        'dim',
      ),
    ],
    width,
    glyphs.ellipsis,
  )
  if (last === undefined) {
    return {
      lines: [
        head,
        [],
        [
          span(
            '  No line of a log has come yet. Logs are pulled when the server is done, and after any failure.',
            'dim',
          ),
        ],
      ]
        .map(line => fitLine(line, width, glyphs.ellipsis))
        .slice(0, height),
      lastScroll: 0,
    }
  }
  const lastScroll = Math.max(0, lines.length - room)
  const from = view.follow ? lastScroll : Math.min(view.scroll, lines.length - 1)
  const drawn = lines.slice(from, from + room).flatMap(line => logRows(line, scene, width))
  // Wrapped lines are more than they were counted as: at the end of the log the end is what has to be seen.
  return { lines: [head, ...(view.follow ? drawn.slice(-room) : drawn.slice(0, room))], lastScroll }
}

function logRows({ line, text }: LogLine, { view, glyphs }: Scene, width: number): Line[] {
  const number = `${String(line).padStart(7)} `
  const found = view.search !== '' && text.toLowerCase().includes(view.search.toLowerCase())
  const tone = found ? 'warning' : /return value 3|error|failed/i.test(text) ? 'failed' : 'plain'
  if (!view.wrap) return [fitLine([span(number, 'dim'), span(text, tone)], width, glyphs.ellipsis)]
  return wrapText(drawable(text), Math.max(1, width - number.length)).map((part, index) => [
    span(index === 0 ? number : ' '.repeat(number.length), 'dim'),
    span(part, tone),
  ])
}
