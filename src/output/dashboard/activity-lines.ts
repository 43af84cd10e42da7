import type { Scene } from './scene.js'
import { fitLine, type Line, span } from './span.js'

/** What changed lately, the newest at the bottom. */
export function activityLines({ model, glyphs }: Scene, width: number, count: number): Line[] {
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
