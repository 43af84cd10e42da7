/** Characters `start` to `end` of a text give way to `text`. */
export interface TextEdit {
  start: number
  end: number
  text: string
}

/** The text with all edits made; whatever no edit covers stays as it is. Edits at one place are made in their order. */
export function applyEdits(source: string, edits: readonly TextEdit[]): string {
  const pieces: string[] = []
  let at = 0
  for (const { start, end, text } of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (start < at) throw new Error('two changes of one place')
    pieces.push(source.slice(at, start), text)
    at = end
  }
  return [...pieces, source.slice(at)].join('')
}

/** Where the line that holds `offset` ends, before its line break. */
export function endOfLine(source: string, offset: number): number {
  const next = source.indexOf('\n', offset)
  if (next < 0) return source.length
  return source.charAt(next - 1) === '\r' && next > offset ? next - 1 : next
}

/** Column of `offset` in its line, from 0. */
export function columnOf(source: string, offset: number): number {
  return offset - (source.lastIndexOf('\n', offset - 1) + 1)
}

/** What separates the lines of the file. */
export function lineBreak(source: string): string {
  return source.includes('\r\n') ? '\r\n' : '\n'
}
