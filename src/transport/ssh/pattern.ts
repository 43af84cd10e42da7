/**
 * Does `text` match `pattern` as OpenSSH's `match_pattern` does: `*` any run of characters, `?` one character,
 * everything else itself, the letters' case ignored. Linear back-tracking: a hostile pattern costs no more than
 * pattern times text.
 */
export function matchesPattern(text: string, pattern: string): boolean {
  const subject = text.toLowerCase()
  const glob = pattern.toLowerCase()
  let at = 0
  let next = 0
  let starAt = -1
  let resumeAt = 0
  while (at < subject.length) {
    if (glob[next] === '*') {
      starAt = next++
      resumeAt = at
    } else if (next < glob.length && (glob[next] === '?' || glob[next] === subject[at])) {
      next++
      at++
    } else if (starAt >= 0) {
      next = starAt + 1
      at = ++resumeAt
    } else {
      return false
    }
  }
  while (glob[next] === '*') next++
  return next === glob.length
}
