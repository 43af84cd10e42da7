/** How deep elements may stand in each other: WS-Management needs a dozen. */
const deepest = 64
/** Tags of a message: an answer full of small pieces of output has a few thousand. */
const mostTags = 50_000
/** Characters of a message without its long texts, which no parser sees. */
const mostCharacters = 2 * 1024 * 1024

const comment = { start: '<!--', end: '-->' } as const
const section = { start: '<![CDATA[', end: ']]>' } as const

/**
 * Why a message is no answer of a WinRM listener, by its tags alone; undefined when it may be one. One pass, before a parser sees
 * it: a tree of opening tags costs memory and stack, and some parsers look for the end of what has none over and over.
 *
 * A document type is refused: SOAP has none (SOAP 1.2 part 1, 5), and entities of a document's own are how a short answer grows
 * to gigabytes.
 */
export function shapeProblem(text: string): string | undefined {
  if (text.length > mostCharacters) return `it has more than ${mostCharacters} characters besides long texts`
  let depth = 0
  let tags = 0
  for (let at = text.indexOf('<'); at >= 0; tags += 1) {
    const end = endOfMarkup(text, at)
    if (end === 'document type') return 'it has a document type'
    if (end < 0) return 'it is cut'
    if (tags >= mostTags) return `it has more than ${mostTags} tags`
    const next = text[at + 1]
    if (next === '/') depth -= 1
    else if (next !== '?' && next !== '!' && text[end - 1] !== '/') depth += 1
    if (depth < 0) return 'it ends what it did not begin'
    if (depth > deepest) return `its elements stand more than ${deepest} deep in each other`
    at = text.indexOf('<', end)
  }
  return undefined
}

/** Where the last character of what begins at `at` is; -1 when it has no end. */
function endOfMarkup(text: string, at: number): number | 'document type' {
  if (text[at + 1] === '?') return endAfter(text, '?>', at + 2)
  if (text[at + 1] !== '!') return endOfTag(text, at)
  const kind = [comment, section].find(({ start }) => text.startsWith(start, at))
  return kind === undefined ? 'document type' : endAfter(text, kind.end, at + kind.start.length)
}

function endAfter(text: string, end: string, from: number): number {
  const found = text.indexOf(end, from)
  return found < 0 ? -1 : found + end.length - 1
}

/** Past what is quoted: an attribute may hold a `>`. */
function endOfTag(text: string, at: number): number {
  let quote = ''
  for (let place = at + 1; place < text.length; place += 1) {
    const character = text[place]
    if (quote !== '') {
      if (character === quote) quote = ''
    } else if (character === '>') return place
    else if (character === '"' || character === "'") quote = character
  }
  return -1
}
