import { type Line, span } from './span.js'
import { drawable, wrapText } from './text-width.js'
import type { Tone } from './theme.js'

/** Text in as many lines as it needs: `first` before the first line, the same room before the others. */
export function paragraph(
  text: string,
  { width, first = '', tone = 'plain' }: { width: number; first?: string; tone?: Tone },
): Line[] {
  const lines = wrapText(drawable(text), Math.max(8, width - first.length))
  return lines.map((line, index) => [span(index === 0 ? first : ' '.repeat(first.length), 'dim'), span(line, tone)])
}
