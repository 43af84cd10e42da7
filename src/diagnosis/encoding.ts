/** Encodings a log may have, by the names TextDecoder knows. */
export type LogEncoding = 'utf-16le' | 'utf-16be' | 'utf-8' | 'windows-1252'

/** Bytes looked at before an encoding without a byte order mark is decided. */
export const sniffBytes = 4096

/** What the first bytes say; `undefined` = 8-bit text, decided later at its first byte above 0x7f. */
export interface SniffedEncoding {
  encoding: LogEncoding | undefined
  /** Length of the byte order mark. */
  skip: number
}

/**
 * The encoding of a log from its first `sniffBytes` bytes. msiexec writes UTF-16LE with a byte order mark; people re-encode, and
 * a copied part of a log has no mark (msi-log-format.md, "File level").
 */
export function sniffEncoding(head: Uint8Array): SniffedEncoding {
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', skip: 2 }
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', skip: 2 }
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', skip: 3 }
  return { encoding: sniffUtf16(head), skip: 0 }
}

/** Text of any language has many characters below U+0100 (digits, blanks, line ends): their zero byte tells the byte order. */
function sniffUtf16(head: Uint8Array): LogEncoding | undefined {
  const pairs = head.length >> 1
  let zeroFirst = 0
  let zeroSecond = 0
  for (let i = 0; i < pairs * 2; i += 2) {
    const first = head[i] === 0
    const second = head[i + 1] === 0
    if (first && !second) zeroFirst += 1
    if (second && !first) zeroSecond += 1
  }
  if (zeroSecond > pairs / 4 && zeroFirst < pairs / 50) return 'utf-16le'
  if (zeroFirst > pairs / 4 && zeroSecond < pairs / 50) return 'utf-16be'
  return undefined
}

/** Whether the bytes from `at` (the first above 0x7f) are one well-formed UTF-8 character. Needs three bytes after it. */
export function startsUtf8(bytes: Uint8Array, at: number): boolean {
  const lead = bytes[at] ?? 0
  const length =
    lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0
  if (length === 0) return false
  for (let i = 1; i < length; i += 1) {
    const next = bytes[at + i]
    if (next === undefined || next < 0x80 || next > 0xbf) return false
  }
  return true
}
