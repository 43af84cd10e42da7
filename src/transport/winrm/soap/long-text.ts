/** Text with more bytes is kept out of the tree of a message. */
const longText = 4096
/** Stands around the number of a text that was taken out: a character that XML allows and nobody has a meaning for. */
const mark = '\uE000'

/** A message without its long texts, and these in the order of their numbers: the bytes of the message themselves, not a copy. */
export interface WithoutLongText {
  text: string
  taken: readonly Buffer[]
}

const [open, close, question, ampersand, doubleQuote, singleQuote] = [0x3c, 0x3e, 0x3f, 0x26, 0x22, 0x27]

/**
 * Takes the long texts out of a message before its tree is made: half a megabyte of base64 costs a parser ten times what all the
 * rest does. Only text between two tags without a reference in it; a message in which a `<!` or the mark stands is left as it is.
 */
export function takeLongText(message: Buffer): WithoutLongText {
  const taken: Buffer[] = []
  const around: string[] = []
  let kept = 0
  for (let tag = message.indexOf(open); tag >= 0; ) {
    const end = endOfTag(message, tag)
    const next = end < 0 ? -1 : message.indexOf(open, end)
    if (next - end > longText && !message.subarray(end, next).includes(ampersand)) {
      around.push(message.toString('utf8', kept, end + 1))
      taken.push(message.subarray(end + 1, next))
      kept = next
    }
    tag = next
  }
  around.push(message.toString('utf8', kept))
  // Looked for only here: all of the message would have to be read for it once more.
  const isPlain = around.every(text => !text.includes('<!') && !text.includes(mark))
  if (!isPlain) return { text: message.toString('utf8'), taken: [] }
  return { text: around.reduce((text, piece, at) => `${text}${mark}${at - 1}${mark}${piece}`), taken }
}

/** Where the tag that begins at `at` ends, past what is quoted in it; -1 when it does not. */
function endOfTag(message: Buffer, at: number): number {
  if (message[at + 1] === question) {
    const end = message.indexOf('?>', at)
    return end < 0 ? -1 : end + 1
  }
  let quote: number | undefined
  for (let place = at + 1; place < message.length; place += 1) {
    const byte = message[place]
    if (quote !== undefined) {
      if (byte === quote) quote = undefined
    } else if (byte === close) return place
    else if (byte === doubleQuote || byte === singleQuote) quote = byte
  }
  return -1
}

/** The text that a mark stands for; undefined when `text` is no mark. */
export function longTextOf(text: string, taken: readonly Buffer[]): Buffer | undefined {
  if (!text.startsWith(mark)) return undefined
  const number = new RegExp(`^${mark}(\\d{1,6})${mark}$`).exec(text)?.[1]
  return number === undefined ? undefined : taken[Number(number)]
}
