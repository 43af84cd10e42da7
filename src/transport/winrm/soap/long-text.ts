/** Text with more bytes is kept out of the tree of a message. */
const longText = 4096
/** Stands around the number of a text that was taken out: a character that XML allows and nobody has a meaning for. */
const mark = '\uE000'

/** A message without its long texts, and these in the order of their numbers: the bytes of the message themselves, not a copy. */
export interface WithoutLongText {
  text: string
  taken: readonly Buffer[]
}

const open = 0x3c
const close = 0x3e

/**
 * Takes the long texts out of a message before its tree is made: half a megabyte of base64 costs a parser ten times what all the
 * rest does. Only text between two tags that holds nothing of XML's own; a message in which a `<!` or the mark stands is left as it is.
 */
export function takeLongText(message: Buffer): WithoutLongText {
  if (message.length < longText || message.includes('<!') || message.includes(mark)) {
    return { text: message.toString('utf8'), taken: [] }
  }
  const taken: Buffer[] = []
  let light = ''
  let kept = 0
  for (let end = message.indexOf(close); end >= 0; ) {
    const next = message.indexOf(open, end)
    if (next < 0) break
    if (next - end > longText) {
      const long = message.subarray(end + 1, next)
      if (isPlain(long)) {
        light += `${message.toString('utf8', kept, end + 1)}${mark}${taken.length}${mark}`
        taken.push(long)
        kept = next
      }
    }
    end = message.indexOf(close, next)
  }
  return { text: light + message.toString('utf8', kept), taken }
}

/** The text that a mark stands for; undefined when `text` is no mark. */
export function longTextOf(text: string, taken: readonly Buffer[]): Buffer | undefined {
  if (!text.startsWith(mark)) return undefined
  const number = new RegExp(`^${mark}(\\d{1,6})${mark}$`).exec(text)?.[1]
  return number === undefined ? undefined : taken[Number(number)]
}

/** Quotes and angles could be an attribute's, an ampersand begins a reference. */
function isPlain(text: Buffer): boolean {
  return !['&', '>', '"', "'"].some(one => text.includes(one))
}
