import stringWidth from 'string-width'
import { terminalText } from '../terminal-text.js'

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
const plainAscii = /^[\x20-\x7e]*$/
/** Latin letters and the dashboard's own signs: one column each, told at a fraction of the cost. */
const oneColumnEach = /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u017f\u2026\u2190-\u2193\u2500-\u25fc\u2714\u2716]*$/

/**
 * Text from anywhere, made safe to draw and to measure: no control characters, and none of the invisible characters (joiners,
 * variation selectors) over whose width terminals disagree.
 */
export function drawable(text: string): string {
  if (plainAscii.test(text)) return text
  return terminalText(text)
    .replace(/\p{Cf}|\p{Variation_Selector}/gu, '')
    .replace(/[\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/\p{Cs}/gu, '\u{fffd}')
}

/** Columns of the terminal that drawable text takes: 2 for a wide character, 0 for a combining mark. */
export function textWidth(text: string): number {
  return oneColumnEach.test(text) ? text.length : stringWidth(text)
}

/** At most `width` columns; what was cut ends in `ellipsis`. Never splits a character in two. */
export function truncate(text: string, width: number, ellipsis: string): string {
  if (textWidth(text) <= width) return text
  const room = width - textWidth(ellipsis)
  if (room < 0) return ''
  return takeColumns(text, room) + ellipsis
}

/** Exactly `width` columns: padded with blanks, or cut. */
export function padCell(text: string, width: number, ellipsis: string, align: 'left' | 'right' = 'left'): string {
  const cut = truncate(text, width, ellipsis)
  const blanks = ' '.repeat(Math.max(0, width - textWidth(cut)))
  return align === 'left' ? cut + blanks : blanks + cut
}

/** Text broken at blanks into lines of at most `width` columns; a longer word is cut apart. */
export function wrapText(text: string, width: number): string[] {
  if (width <= 0) return []
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && textWidth(line) + 1 + textWidth(word) <= width) {
      line += ` ${word}`
      continue
    }
    if (line !== '') lines.push(line)
    line = word
    while (textWidth(line) > width) {
      const head = takeColumns(line, width)
      if (head === '') break
      lines.push(head)
      line = line.slice(head.length)
    }
  }
  return [...lines, line]
}

function takeColumns(text: string, width: number): string {
  if (oneColumnEach.test(text)) return text.slice(0, width)
  let taken = ''
  let used = 0
  for (const { segment } of graphemes.segment(text)) {
    used += textWidth(segment)
    if (used > width) break
    taken += segment
  }
  return taken
}
