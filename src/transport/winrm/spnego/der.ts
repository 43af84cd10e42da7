/** One element of DER (X.690). */
export interface DerElement {
  tag: number
  content: Buffer
}

/** Bytes that are not DER. */
export class DerError extends Error {
  override readonly name = 'DerError'
}

/** The element at the start of `bytes`, and what follows it. Throws `DerError`. */
export function readElement(bytes: Buffer): { element: DerElement; rest: Buffer } {
  const tag = bytes[0]
  const first = bytes[1]
  if (tag === undefined || first === undefined) throw new DerError('an element is cut')
  let length = first
  let start = 2
  if (first >= 0x80) {
    const count = first & 0x7f
    if (count === 0 || count > 4 || bytes.length < 2 + count) throw new DerError('a length that is not DER')
    length = bytes.readUIntBE(2, count)
    start = 2 + count
  }
  if (start + length > bytes.length) throw new DerError('an element is longer than what it stands in')
  return { element: { tag, content: bytes.subarray(start, start + length) }, rest: bytes.subarray(start + length) }
}

/** The elements that a constructed one holds. */
export function readElements(bytes: Buffer): DerElement[] {
  const elements: DerElement[] = []
  for (let rest = bytes; rest.length > 0; ) {
    const next = readElement(rest)
    elements.push(next.element)
    rest = next.rest
  }
  return elements
}

/** The only element of `bytes`, which has to have this tag. */
export function readOnly(bytes: Buffer, tag: number): Buffer {
  const { element } = readElement(bytes)
  if (element.tag !== tag) throw new DerError(`tag ${element.tag.toString(16)} where ${tag.toString(16)} was due`)
  return element.content
}

export function writeElement(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content])
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(length)
  const significant = bytes.subarray(bytes.findIndex(byte => byte !== 0))
  return Buffer.concat([Buffer.from([0x80 | significant.length]), significant])
}

/** The `[n]` fields of a sequence. Throws `DerError`. */
export function readFields(bytes: Buffer): Map<number, Buffer> {
  return new Map(readElements(readOnly(bytes, derTags.sequence)).map(({ tag, content }) => [tag & 0x1f, content]))
}

/** An element as field `[index]` of a sequence. */
export function writeField(index: number, tag: number, ...contents: Buffer[]): Buffer {
  return writeElement(derTags.context(index), writeElement(tag, ...contents))
}

export const derTags = {
  integer: 0x02,
  generalString: 0x1b,
  generalizedTime: 0x18,
  enumerated: 0x0a,
  octetString: 0x04,
  oid: 0x06,
  sequence: 0x30,
  /** `[0]`, `[1]` ... constructed. */
  context: (index: number) => 0xa0 | index,
  /** `[APPLICATION 0]`, the frame of RFC 2743 3.1; Kerberos has others. */
  application: 0x60,
} as const
