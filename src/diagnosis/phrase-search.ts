import { searchAnchors } from './anchor-search.js'
import { type Anchor, type AnchorTable, anchorLength, hash } from './anchors.js'
import type { HeldBytes } from './held-bytes.js'

/** No phrase is longer, however its blanks are spelt. */
const longestMatch = 1000
/** Text on both sides of an anchor in which its phrase is looked for when its blanks are not one blank each. */
const spelledWithin = 400

/** Finds phrases in the bytes of a log: first what may be one, by its anchor, then whether it is. */
export class PhraseSearch {
  readonly #held: HeldBytes
  readonly #table: AnchorTable
  readonly #found: Int32Array

  constructor(held: HeldBytes, table: AnchorTable) {
    this.#held = held
    this.#table = table
    this.#found = new Int32Array(held.units.length)
  }

  /** The longest phrase that begins at each place from `from` to `limit`. */
  find(from: number, limit: number): Map<number, string> {
    const { begins, others } = this.#table
    const { units, length } = this.#held
    const count = searchAnchors(units, [from, Math.min(length, limit + longestMatch)], this.#table, this.#found)
    const matches = new Map<number, string>()
    for (let i = 0; i < count; i += 1) {
      const at = (this.#found[i] ?? 0) - anchorLength + 1
      if (begins[hash(units[at] ?? 0, units[at + 1] ?? 0, units[at + 2] ?? 0)] === 0) continue
      for (const anchor of this.#anchorsAt(at)) this.#takePhrases(anchor, at, { from, limit, matches })
    }
    for (const phrase of others) {
      for (let at = this.#held.indexOf(phrase, from); at < limit; at = this.#held.indexOf(phrase, at + 1))
        matches.set(at, phrase)
    }
    return matches
  }

  #anchorsAt(at: number): readonly Anchor[] {
    const { units } = this.#held
    const last = at + anchorLength - 1
    const anchors = this.#table.endingWith.get(hash(units[last - 2] ?? 0, units[last - 1] ?? 0, units[last] ?? 0)) ?? []
    return anchors.filter(({ codes }) => this.#held.equals(codes, at))
  }

  #takePhrases(
    { phrases }: Anchor,
    at: number,
    { from, limit, matches }: { from: number; limit: number; matches: Map<number, string> },
  ): void {
    for (const { text, codes, offset, expression } of phrases) {
      const found = this.#held.equals(codes, at - offset)
        ? { start: at - offset, text }
        : this.#fits(codes, offset, at)
          ? this.#spelledOtherwise(expression(), at)
          : undefined
      if (found === undefined || found.start < from || found.start >= limit) continue
      if (found.text.length > (matches.get(found.start)?.length ?? 0)) matches.set(found.start, found.text)
    }
  }

  /** Whether what stands beside an anchor could belong to its phrase: rules out most of what is no phrase without making text. */
  #fits(codes: Uint16Array, offset: number, at: number): boolean {
    const { units } = this.#held
    const end = offset + anchorLength
    const before = offset === 0 || alike(codes[offset - 1], units[at - 1])
    return before && (end === codes.length || alike(codes[end], units[at + anchorLength]))
  }

  /** With two blanks, a line end or a bold mark where the phrase has a blank. */
  #spelledOtherwise(expression: RegExp | undefined, at: number): { start: number; text: string } | undefined {
    if (expression === undefined) return undefined
    const { text, at: inText } = this.#held.around(at, spelledWithin, spelledWithin)
    expression.lastIndex = inText
    const match = expression.exec(text)
    if (match === null) return undefined
    const lead = match[1] ?? ''
    return { start: at - this.#held.unitsOf(lead), text: lead + match[0] }
  }
}

const blank = 0x20
const apostrophe = 0x27

/** A blank may be any white space or a bold mark; an apostrophe may be a typographic one, of one character or of three bytes. */
function alike(wanted = 0, found = 0): boolean {
  if (wanted === blank) return found <= blank || found === 0x2a || found >= 0x80
  return wanted === found || (wanted === apostrophe && found >= 0x80)
}
