import { searchAnchors } from './anchor-search.js'
import { type Anchor, type AnchorTable, anchorLength, hash } from './anchors.js'
import type { HeldBytes } from './held-bytes.js'

/** No phrase is longer, however its blanks are spelt. */
const longestMatch = 1000
/** Text on both sides of an anchor in which its phrase is looked for when its blanks are not one blank each. */
const spelledWithin = 400

/** The longest phrase that begins at a place. */
export interface Match {
  at: number
  phrase: string
}

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

  /** The phrases that begin from `from` to `limit`, in order, one for each place. */
  find(from: number, limit: number): Match[] {
    const { begins, endingWith, others } = this.#table
    const { units, length } = this.#held
    const found = this.#found
    const count = searchAnchors(units, [from, Math.min(length, limit + longestMatch)], this.#table, found)
    const matches: Match[] = []
    for (let i = 0; i < count; i += 1) {
      const end = found[i] ?? 0
      const at = end - anchorLength + 1
      if (begins[hash(units[at] ?? 0, units[at + 1] ?? 0, units[at + 2] ?? 0)] === 0) continue
      const anchors = endingWith.get(hash(units[end - 2] ?? 0, units[end - 1] ?? 0, units[end] ?? 0))
      if (anchors === undefined) continue
      for (const anchor of anchors) if (this.#held.equals(anchor.codes, at)) this.#takePhrases(anchor, at, matches)
    }
    for (const phrase of others) {
      for (let at = this.#held.indexOf(phrase, from); at < limit; at = this.#held.indexOf(phrase, at + 1))
        matches.push({ at, phrase })
    }
    return longestAtEach(matches.filter(({ at }) => at >= from && at < limit))
  }

  #takePhrases({ phrases }: Anchor, at: number, matches: Match[]): void {
    for (const { text, codes, offset, expression } of phrases) {
      const match = this.#held.equals(codes, at - offset)
        ? { at: at - offset, phrase: text }
        : this.#fits(codes, offset, at)
          ? this.#spelledOtherwise(expression(), at)
          : undefined
      if (match !== undefined) matches.push(match)
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
  #spelledOtherwise(expression: RegExp | undefined, at: number): Match | undefined {
    if (expression === undefined) return undefined
    const { text, at: inText } = this.#held.around(at, spelledWithin, spelledWithin)
    expression.lastIndex = inText
    const match = expression.exec(text)
    if (match === null) return undefined
    const lead = match[1] ?? ''
    return { at: at - this.#held.unitsOf(lead), phrase: lead + match[0] }
  }
}

function longestAtEach(matches: Match[]): Match[] {
  matches.sort((a, b) => a.at - b.at || b.phrase.length - a.phrase.length)
  return matches.filter(({ at }, i) => at !== matches[i - 1]?.at)
}

const blank = 0x20
const apostrophe = 0x27

/** A blank may be any white space or a bold mark; an apostrophe may be a typographic one, of one character or of three bytes. */
function alike(wanted = 0, found = 0): boolean {
  if (wanted === blank) return found <= blank || found === 0x2a || found >= 0x80
  return wanted === found || (wanted === apostrophe && found >= 0x80)
}
