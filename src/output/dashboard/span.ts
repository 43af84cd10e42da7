import { drawable, textWidth, truncate } from './text-width.js'
import type { Tone } from './theme.js'

/** A piece of a line and what it means; the theme knows how that looks. */
export interface Span {
  readonly text: string
  readonly tone: Tone
}

export type Line = readonly Span[]

/** The only way to a span: whatever a server said is made harmless here. */
export function span(text: string, tone: Tone = 'plain'): Span {
  return { text: drawable(text), tone }
}

export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + textWidth(text), 0)
}

/** The line cut to at most `width` columns. */
export function fitLine(line: Line, width: number, ellipsis: string): Line {
  if (lineWidth(line) <= width) return line
  const fitted: Span[] = []
  let room = width
  for (const piece of line) {
    const wide = textWidth(piece.text)
    // Room is kept for the ellipsis, so that a cut shows even where the next span would have begun.
    if (wide < room) {
      fitted.push(piece)
      room -= wide
      continue
    }
    fitted.push({ text: truncate(`${piece.text} `, room, ellipsis), tone: piece.tone })
    break
  }
  return fitted
}

/** Exactly `width` columns. */
export function padLine(line: Line, width: number, ellipsis: string): Line {
  const fitted = fitLine(line, width, ellipsis)
  const missing = width - lineWidth(fitted)
  return missing > 0 ? [...fitted, span(' '.repeat(missing))] : fitted
}

/** `left` and `right` at the two ends; when both do not fit, `right` stays whole. */
export function spreadLine(left: Line, right: Line, width: number, ellipsis: string): Line {
  const rightWidth = lineWidth(right)
  if (rightWidth >= width) return fitLine(right, width, ellipsis)
  return [...padLine(left, width - rightWidth, ellipsis), ...right]
}

/** Lines with `separator` between them. */
export function joinLines(lines: readonly Line[], separator: string): Line {
  return lines.flatMap((line, index) => (index === 0 ? line : [span(separator), ...line]))
}

/** What a screen reader, a golden file or a test sees of a line. */
export function plainLine(line: Line): string {
  return line.map(({ text }) => text).join('')
}
