/**
 * The words that somebody wants to see, compiled into one expression that goes over the text once. A blank in a phrase stands for
 * any white space, a line end included, and for Markdown's asterisks: printed articles wrap a record over several lines and set
 * parts of it bold (msi-log-format.md, "File level"), so a phrase is found there as well as in a log.
 */
export interface PhraseSet {
  /** Global; finds the next place where a phrase begins. Made when it is asked for first. */
  readonly expression: RegExp
  /** The phrases a match stands for: the one found, and those that are its beginning. */
  of(match: string): readonly string[]
  /** Every phrase once, in the one form of white space. */
  all: readonly string[]
  /** Source of an expression that finds a part of a phrase in any spelling of its white space. */
  source(part: string): string
}

/** Spellings of phrases whose meaning is remembered: as a rule there is one of each. */
const spellingsKept = 10_000

export function compilePhrases(phrases: Iterable<string>): PhraseSet {
  const unique = [...new Set(phrases)].sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
  const flat = unique.map(flatten)
  const known = new Map<string, readonly string[]>()
  const startOf = (match: string): readonly string[] => {
    const own = flatten(match)
    return flat.includes(own) ? unique.filter((_, i) => own.startsWith(flat[i] ?? '')) : []
  }
  let made: RegExp | undefined
  return {
    get expression() {
      made ??= new RegExp(unique.length === 0 ? '(?!)' : unique.map(phraseSource).join('|'), 'g')
      return made
    },
    of: match => {
      const found = known.get(match) ?? startOf(match)
      if (known.size < spellingsKept) known.set(match, found)
      return found
    },
    all: [...new Set(flat)],
    source: partSource,
  }
}

/** One form for all spellings of white space, bold marks and typographic apostrophes. */
export function flatten(text: string): string {
  return text
    .replace(/[\s*]+/g, ' ')
    .replace(/\u2019/g, "'")
    .trim()
}

function phraseSource(phrase: string): string {
  return partSource(phrase.trim())
}

function partSource(part: string): string {
  return part
    .split(/( +)/)
    .map(piece => (piece.startsWith(' ') ? '[\\s*]{1,40}' : escaped(piece)))
    .join('')
}

function escaped(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/'/g, "['\\u2019]")
}
