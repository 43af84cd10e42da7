import type { CFB$Container } from 'cfb'
import cfb from 'cfb'

const freeSector = 0xffffffff
const lastRegularSector = 0xfffffffa

/** An OLE compound file (MS-CFB), as far as a package needs it. */
export interface CompoundFile {
  /** Class of the root storage, lower-case `{guid}`. */
  rootClass: string
  /** A stream of the root storage by name; undefined when there is none. */
  stream(name: string): Uint8Array | undefined
}

/** Starts with the OLE signature (MS-CFB 2.2). */
export function isCompoundFile(bytes: Uint8Array): boolean {
  const signature = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]
  return signature.every((byte, index) => bytes[index] === byte)
}

/** Reads the directory and streams. Throws `RangeError` (or what `cfb` throws) when the file is cut or damaged. */
export function readCompoundFile(bytes: Uint8Array): CompoundFile {
  if (!isCompoundFile(bytes)) throw new RangeError('no OLE signature')
  checkSectorChains(bytes)
  const container: CFB$Container = cfb.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  const root = container.FullPaths[0] ?? ''
  return {
    rootClass: classText(container.FileIndex[0]?.clsid ?? ''),
    stream(name) {
      const index = container.FullPaths.indexOf(`${root}${name}`)
      const content = container.FileIndex[index]?.content
      return content === undefined ? undefined : Uint8Array.from(content)
    },
  }
}

/**
 * `cfb` follows sector chains without an end when a damaged allocation table leads them in a circle, and reads short where the file
 * is cut. So: every sector in use lies in the file, and no sector is the successor of two others or part of a circle.
 */
function checkSectorChains(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const shift = view.getUint16(30, true)
  if (shift !== 9 && shift !== 12) throw new RangeError(`sector size 2^${shift}`)
  const size = 1 << shift
  const sectors = Math.ceil(bytes.length / size) - 1
  const next = allocationTable(view, size, sectors)
  const state = new Uint8Array(next.length)
  for (let start = 0; start < next.length; start++) {
    const successor = next[start] ?? freeSector
    // Writers fill the table's tail with ends of chains as well as with free sectors; only a chain that goes on is in use.
    if (successor <= lastRegularSector && (start >= sectors || successor >= sectors)) {
      throw new RangeError(`the sector after ${start} lies behind the end of the file`)
    }
    const path: number[] = []
    let at: number | undefined = start
    while (at !== undefined && at < next.length && state[at] === 0) {
      state[at] = 1
      path.push(at)
      const following: number | undefined = next[at]
      at = following !== undefined && following <= lastRegularSector ? following : undefined
    }
    if (at !== undefined && state[at] === 1) throw new RangeError(`the sector chain at ${start} never ends`)
    for (const seen of path) state[seen] = 2
  }
}

/** The successor of each sector, gathered from the allocation table's sectors: 109 named in the header, the rest in a chain of their own. */
function allocationTable(view: DataView, size: number, sectors: number): Uint32Array {
  const perSector = size / 4
  const tables: number[] = []
  const add = (at: number) => {
    const table = view.getUint32(at, true)
    if (table <= lastRegularSector) tables.push(table)
  }
  for (let index = 0; index < 109; index++) add(76 + index * 4)
  let more = view.getUint32(68, true)
  for (let hops = 0; more <= lastRegularSector; hops++) {
    if (hops > sectors) throw new RangeError('the list of allocation sectors never ends')
    const at = (more + 1) * size
    for (let index = 0; index < perSector - 1; index++) add(at + index * 4)
    more = view.getUint32(at + size - 4, true)
  }
  const next = new Uint32Array(tables.length * perSector)
  tables.forEach((table, index) => {
    for (let entry = 0; entry < perSector; entry++) {
      next[index * perSector + entry] = view.getUint32((table + 1) * size + entry * 4, true)
    }
  })
  return next
}

/** cfb gives a class as 32 hex digits in the file's byte order: the first three groups are little-endian. */
function classText(hex: string): string {
  const flip = (text: string) => (text.match(/../g) ?? []).reverse().join('')
  const groups = [
    flip(hex.slice(0, 8)),
    flip(hex.slice(8, 12)),
    flip(hex.slice(12, 16)),
    hex.slice(16, 20),
    hex.slice(20),
  ]
  return `{${groups.join('-').toLowerCase()}}`
}
