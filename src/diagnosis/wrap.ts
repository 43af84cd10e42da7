export interface Layout {
  width: number
  safe: (text: string) => string
  /** Blanks before the first line. */
  indent?: number
  /** Blanks before the lines after it. */
  hanging?: number
}

/** Prose over lines of at most `width` columns, broken at blanks; a word longer than a line is cut. */
export function wrap(text: string, layout: Layout): string[] {
  const { indent = 0, hanging = indent, safe, width } = layout
  const lines: string[] = []
  let line = ''
  for (const word of safe(text)
    .split(/ +/)
    .filter(part => part !== '')) {
    const room = roomIn(width, lines.length === 0 ? indent : hanging)
    const grown = line === '' ? word : `${line} ${word}`
    if (columns(grown) <= room) line = grown
    else {
      if (line !== '') lines.push(line)
      const pieces = pieceUp(word, roomIn(width, hanging), roomIn(width, lines.length === 0 ? indent : hanging))
      lines.push(...pieces.slice(0, -1))
      line = pieces.at(-1) ?? ''
    }
  }
  if (line !== '') lines.push(line)
  return margins(lines, indent, hanging)
}

/** From the first character of some words to the one after their last. */
export type Mark = readonly [from: number, to: number]

/**
 * A line of a log over lines of at most `width` columns, cut at a blank where one is near: every blank in it is kept. Carets go under what `mark` says
 * of the text as it is shown, so that a saved report shows the same as a terminal.
 */
export function cut(text: string, { indent = 0, hanging = indent, safe, width }: Layout, mark?: Mark): string[] {
  let at = 0
  return atBlanks(safe(text), roomIn(width, hanging), roomIn(width, indent)).flatMap((piece, i) => {
    const margin = ' '.repeat(i === 0 ? indent : hanging)
    const [from, to] = mark === undefined ? [0, 0] : [Math.max(0, mark[0] - at), Math.min(piece.length, mark[1] - at)]
    at += piece.length
    const line = `${margin}${piece}`.trimEnd()
    if (to <= from) return [line]
    return [line, `${margin}${' '.repeat(columns(piece.slice(0, from)))}${'^'.repeat(columns(piece.slice(from, to)))}`]
  })
}

/** Like `pieceUp`, but a piece ends after its last blank if that is in its last third. */
function atBlanks(text: string, room: number, firstRoom: number): string[] {
  const pieces: string[] = []
  let rest = text
  for (;;) {
    const [piece = '', ...more] = pieceUp(rest, room, pieces.length === 0 ? firstRoom : room)
    if (more.length === 0) return [...pieces, piece]
    const blank = piece.lastIndexOf(' ') + 1
    const end = blank > (piece.length * 2) / 3 ? blank : piece.length
    pieces.push(rest.slice(0, end))
    rest = rest.slice(end)
  }
}

function margins(lines: readonly string[], indent: number, hanging: number): string[] {
  return lines.map((line, i) => `${' '.repeat(i === 0 ? indent : hanging)}${line}`.trimEnd())
}

/** However deep the indentation, a line has room for something. */
function roomIn(width: number, indent: number): number {
  return Math.max(10, width - indent)
}

function pieceUp(text: string, room: number, firstRoom = room): string[] {
  const pieces: string[] = []
  let piece = ''
  let used = 0
  for (const character of text) {
    const wide = columns(character)
    if (used + wide > (pieces.length === 0 ? firstRoom : room)) {
      pieces.push(piece)
      piece = ''
      used = 0
    }
    piece += character
    used += wide
  }
  return [...pieces, piece]
}

/** Columns on a terminal: characters of Chinese, Japanese and Korean, and full-width forms, take two. */
export function columns(text: string): number {
  let count = 0
  for (const character of text) {
    count += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(
      character,
    )
      ? 2
      : 1
  }
  return count
}
