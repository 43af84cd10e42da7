import type { Glyphs } from './glyphs.js'
import { type Line, span } from './span.js'
import type { Tone } from './theme.js'

/** A bar of `width` columns, `part` of it (0 to 1) full. Full only when all is done, empty only when nothing is. */
export function bar(
  part: number,
  { width, glyphs, tone = 'done' }: { width: number; glyphs: Glyphs; tone?: Tone },
): Line {
  const exact = Math.round(part * width)
  const full = part <= 0 ? 0 : part >= 1 ? width : Math.min(Math.max(exact, 1), width - 1)
  return [span(glyphs.bar.repeat(full), tone), span(glyphs.barEmpty.repeat(width - full), 'dim')]
}
