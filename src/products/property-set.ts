/** FMTID_SummaryInformation {F29F85E0-4FF9-1068-AB91-08002B27B3D9} as it lies in the stream (MS-OLEPS 3.1). */
const summaryFormat = 'e0859ff2f94f6810ab9108002b27b3d9'

/** Property ids of the summary information stream (Windows Installer, "Summary Information Stream Property Set"). */
export const summaryProperty = {
  codepage: 1,
  title: 2,
  subject: 3,
  author: 4,
  comments: 6,
  template: 7,
  lastAuthor: 8,
  revisionNumber: 9,
  wordCount: 15,
} as const

interface Decoder {
  decode(bytes: Uint8Array): string
}

const VT_I2 = 2
const VT_I4 = 3
const VT_LPSTR = 30

/**
 * The numbers and strings of an OLE summary information stream (MS-OLEPS 2.21, types VT_I2, VT_I4, VT_LPSTR; others are passed over), by
 * property id. Strings are decoded by the set's own codepage. Throws `RangeError` when the stream is damaged.
 */
export function readSummary(stream: Uint8Array): Map<number, string | number> {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength)
  if (view.getUint16(0, true) !== 0xfffe) throw new RangeError('no property set')
  const section = summarySection(stream, view)
  const count = view.getUint32(section + 4, true)
  if (count > stream.length / 8) throw new RangeError('property count is out of range')
  const offsets = Array.from({ length: count }, (_, index) => ({
    id: view.getUint32(section + 8 + index * 8, true),
    at: section + view.getUint32(section + 12 + index * 8, true),
  }))
  const codepageAt = offsets.find(({ id }) => id === summaryProperty.codepage)?.at
  const decoder = decoderOf(codepageAt === undefined ? 1252 : view.getUint16(codepageAt + 4, true))
  const properties = new Map<number, string | number>()
  for (const { id, at } of offsets) {
    const type = view.getUint32(at, true)
    if (type === VT_I2) properties.set(id, view.getInt16(at + 4, true))
    else if (type === VT_I4) properties.set(id, view.getInt32(at + 4, true))
    else if (type === VT_LPSTR) properties.set(id, readString(stream, view, at + 4, decoder))
  }
  return properties
}

function summarySection(stream: Uint8Array, view: DataView): number {
  const sets = Math.min(view.getUint32(24, true), 2)
  for (let index = 0; index < sets; index++) {
    const at = 28 + index * 20
    const format = [...stream.subarray(at, at + 16)].map(byte => byte.toString(16).padStart(2, '0')).join('')
    if (format === summaryFormat) return view.getUint32(at + 16, true)
  }
  throw new RangeError('no summary information in the property set')
}

function readString(stream: Uint8Array, view: DataView, at: number, decoder: Decoder): string {
  const length = view.getUint32(at, true)
  if (at + 4 + length > stream.length) throw new RangeError('a string ends behind the stream')
  const text = decoder.decode(stream.subarray(at + 4, at + 4 + length))
  const end = text.indexOf('\0')
  return end === -1 ? text : text.slice(0, end)
}

/** Windows codepage numbers by the names WHATWG gives them; an unknown one is read as Western, so that ASCII survives. */
function decoderOf(codepage: number): Decoder {
  const names: Record<number, string> = {
    932: 'shift_jis',
    936: 'gbk',
    949: 'euc-kr',
    950: 'big5',
    1200: 'utf-16le',
    20127: 'windows-1252',
    65001: 'utf-8',
  }
  const windows = codepage >= 1250 && codepage <= 1258 ? `windows-${codepage}` : 'windows-1252'
  return new TextDecoder(names[codepage] ?? windows)
}
