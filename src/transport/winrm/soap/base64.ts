/**
 * The bytes of base64 text, white space in it aside; undefined when it is not base64. Node skips what it does not know, so a
 * decoded length that does not fit tells: a pattern over the text takes ten times as long.
 */
export function fromBase64(text: string): Buffer | undefined {
  const compact = text.replace(/\s+/g, '')
  if (compact.length % 4 !== 0) return undefined
  const padding = compact.endsWith('==') ? 2 : compact.endsWith('=') ? 1 : 0
  const bytes = Buffer.from(compact, 'base64')
  return bytes.length === (compact.length / 4) * 3 - padding ? bytes : undefined
}
