/**
 * A line of an INI inventory as its words, as a shell would split it: quotes and backslashes keep spaces together, `#` at the start of
 * a word begins a comment. Undefined when a quote is left open.
 */
export function splitWords(line: string): string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let at = 0; at < line.length; at++) {
    const char = line.charAt(at)
    if (quote !== '') {
      if (char === quote) quote = ''
      else if (char === '\\' && quote === '"' && /["\\]/.test(line.charAt(at + 1)))
        word = (word ?? '') + line.charAt(++at)
      else word = (word ?? '') + char
    } else if (char === '"' || char === "'") {
      quote = char
      word ??= ''
    } else if (char === '\\' && at + 1 < line.length) word = (word ?? '') + line.charAt(++at)
    else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (char === '#' && word === undefined) break
    else word = (word ?? '') + char
  }
  if (word !== undefined) words.push(word)
  return quote === '' ? words : undefined
}
