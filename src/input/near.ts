/**
 * The candidate that `word` was most likely meant to be, or undefined when none is near: at most two edits, or a third of the
 * word, or one is the other with its separators or its end left off. Case does not count.
 */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const wanted = plain(word)
  if (wanted === '') return undefined
  const far = Math.max(1, Math.min(2, Math.floor(wanted.length / 3)))
  let best: { candidate: string; edits: number } | undefined
  for (const candidate of candidates) {
    const edits = editsBetween(wanted, plain(candidate))
    if (edits <= far && (best === undefined || edits < best.edits)) best = { candidate, edits }
  }
  return best?.candidate ?? candidates.find(candidate => isStart(wanted, plain(candidate)))
}

function plain(word: string): string {
  return word.toLowerCase().replace(/[-_ .]/g, '')
}

function isStart(word: string, candidate: string): boolean {
  const [short, long] = word.length < candidate.length ? [word, candidate] : [candidate, word]
  return short.length >= 3 && long.length <= 3 * short.length && long.startsWith(short)
}

/** Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other (Damerau). */
export function editsBetween(from: string, to: string): number {
  // A pasted line instead of a word must not cost time: words that differ that much in length are not near.
  if (Math.abs(from.length - to.length) > 8) return Number.POSITIVE_INFINITY
  let before: number[] = []
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let line = 1; line <= from.length; line += 1) {
    const next = [line]
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[line - 1] === to[column - 1] ? 0 : 1
      const swapped = from[line - 1] === to[column - 2] && from[line - 2] === to[column - 1]
      next.push(
        Math.min(
          (row[column] ?? 0) + 1,
          (next[column - 1] ?? 0) + 1,
          (row[column - 1] ?? 0) + same,
          swapped ? (before[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    before = row
    row = next
  }
  return row[to.length] ?? 0
}
