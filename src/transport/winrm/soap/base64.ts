/** Bytes that become text at once: the text of a whole message leaves the processor's cache, and takes eight times as long. */
const pieceBytes = 24 * 1024
const pieceCharacters = (pieceBytes / 3) * 4

export function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4
}

/** Writes `data` as base64 into `target` from `at` on. */
export function writeBase64(data: Uint8Array, target: Buffer, at: number): void {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  let to = at
  for (let from = 0; from < bytes.length; from += pieceBytes) {
    to += target.write(bytes.toString('base64', from, Math.min(bytes.length, from + pieceBytes)), to, 'latin1')
  }
}

/**
 * The bytes of base64 text, white space in it aside; undefined when it is not base64. Node skips what it does not know, so a
 * decoded length that does not fit tells: a pattern over the text takes ten times as long.
 */
export function fromBase64(text: string | Buffer): Buffer | undefined {
  // White space is looked for only in a text that does not fit as it is: hardly any has some.
  return typeof text === 'string'
    ? (decoded(text) ?? decoded(compact(text)))
    : (decodedPieces(text) ?? decoded(compact(text.toString('latin1'))))
}

function compact(text: string): string {
  return text.replace(/\s+/g, '')
}

function decoded(text: string): Buffer | undefined {
  const length = lengthOf(text.length, text.slice(-2))
  if (length === undefined) return undefined
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === length ? bytes : undefined
}

function decodedPieces(text: Buffer): Buffer | undefined {
  const length = lengthOf(text.length, text.toString('latin1', Math.max(0, text.length - 2)))
  if (length === undefined) return undefined
  const bytes = Buffer.allocUnsafe(length)
  let to = 0
  for (let from = 0; from < text.length; from += pieceCharacters) {
    const end = Math.min(text.length, from + pieceCharacters)
    const wanted = Math.min(length - to, pieceBytes)
    if (bytes.write(text.toString('latin1', from, end), to, 'base64') !== wanted) return undefined
    to += wanted
  }
  return bytes
}

/** Bytes of a base64 text of so many characters, by its end; undefined when no base64 is that long. */
function lengthOf(characters: number, end: string): number | undefined {
  if (characters % 4 !== 0) return undefined
  const padding = end === '==' ? 2 : end.endsWith('=') ? 1 : 0
  return (characters / 4) * 3 - padding
}
