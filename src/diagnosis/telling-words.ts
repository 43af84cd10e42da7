import { compilePhrases } from './phrases.js'
import type { Mark } from './wrap.js'

/** How a log says that something failed, whatever it was. */
const failure =
  /Return value [2-9]|returned actual error code -?\d+|is returning -?\d+|Return value: -?\d+|(?:Error code|error status:) \d+|\[ERROR\]|\[REQUIRED\]/

/** Finds the words of a line that matter for a cause: those that its rules look for, else those that say that it failed. */
export function tellingWords(watched: readonly string[]): (line: string) => Mark | undefined {
  const { expression } = compilePhrases(watched)
  return line => {
    expression.lastIndex = 0
    const found = expression.exec(line) ?? failure.exec(line)
    return found === null ? undefined : [found.index, found.index + found[0].length]
  }
}
