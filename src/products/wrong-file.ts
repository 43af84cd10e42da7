import { isCompoundFile } from './compound-file.js'

/** What a file that is no OLE file seems to be, and what to do about it; undefined for an OLE file. */
export function notCompoundHint(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return 'The file is empty. Download it again.'
  if (isCompoundFile(bytes)) return undefined
  const start = String.fromCharCode(...bytes.subarray(0, 64))
  if (start.startsWith('MZ')) {
    return 'It is a Windows program. Since May 2022 updates also come as a self-elevating .exe around the .msp: take that one.'
  }
  if (start.startsWith('PK')) return 'It is a zip file. Unpack it and name the .msp inside.'
  if (start.startsWith('MSCF')) return 'It is a cabinet file. Unpack it (expand.exe) and name the .msp inside.'
  if (/^(\u00ef\u00bb\u00bf)?\s*<(!doctype|html|\?xml)/i.test(start)) {
    return 'It is a web page: the download asked for a logon or met a proxy. Download it again in a browser.'
  }
  return 'Name an .msp file: an OLE compound file, which begins with D0 CF 11 E0.'
}
