import type { HostFiles } from '../model.js'
import type { ChangeCounter } from './change-counter.js'
import type { LabClock } from './clock.js'
import { FileContent } from './file-content.js'

export class FileMissing extends Error {
  override readonly name = 'FileMissing'
}

/** ERROR_DISK_FULL, in Windows' words. */
export class DiskFull extends Error {
  override readonly name = 'DiskFull'

  constructor() {
    super('There is not enough space on the disk.')
  }
}

/** Does what a full disk may keep from being done; whoever does it goes on all the same. */
export function unlessFull(act: () => void): void {
  try {
    act()
  } catch (error) {
    if (!(error instanceof DiskFull)) throw error
  }
}

interface Entry {
  /** As it was written first. */
  path: string
  /** Absent: a folder. */
  content?: FileContent
  modified: Date
}

export interface FileSystemOptions {
  clock: LabClock
  changes: ChangeCounter
  /** A folder of the real machine for files too large to keep in memory. */
  spillFolder: string
}

/** The drive C: of a simulated server. */
export class FileSystem implements HostFiles {
  readonly #options: FileSystemOptions
  readonly #entries = new Map<string, Entry>()
  /** Files that some program holds open and does not let go of; who else needs them waits. */
  readonly #held = new Set<string>()
  readonly #pinned = new Set<string>()
  /** A file may grow by no more than this. Nothing takes from it: a disk fills up because somebody says so. */
  freeBytes = 24 * 1024 ** 3

  constructor(options: FileSystemOptions) {
    this.#options = options
    this.makeFolder('C:\\')
  }

  read(path: string): Buffer {
    return this.#content(path).read()
  }

  /** The bytes from `offset` on; empty when there are none. */
  readFrom(path: string, offset: number): Buffer {
    return this.#content(path).read(offset)
  }

  text(path: string): string {
    return this.read(path).toString('utf8')
  }

  sha256(path: string): string {
    return this.#content(path).sha256
  }

  /** Folders above it are made. Throws `DiskFull`, as all that makes a file larger. */
  write(path: string, data: Uint8Array | string): void {
    const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data
    this.needRoom(path, bytes.length)
    const known = this.#entries.get(key(path))
    known?.content?.drop()
    this.#makeParents(path)
    this.#entries.set(key(path), {
      path: known?.path ?? plain(path),
      content: new FileContent(this.#options.spillFolder, bytes),
      modified: this.#options.clock.now(),
    })
    this.#options.changes.note()
  }

  append(path: string, data: Uint8Array | string): void {
    const entry = this.#entries.get(key(path))
    if (entry?.content === undefined) {
      this.write(path, data)
      return
    }
    const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data
    this.needRoom(path, entry.content.bytes + bytes.length)
    entry.content.append(bytes)
    entry.modified = this.#options.clock.now()
    this.#options.changes.note()
  }

  /** Takes a file or an empty folder away. */
  remove(path: string): void {
    const entry = this.#entries.get(key(path))
    if (entry === undefined) throw new FileMissing(path)
    if (entry.content === undefined && this.list(path).length > 0) throw new Error(`${path} is not empty`)
    entry.content?.drop()
    this.#entries.delete(key(path))
    this.#options.changes.note()
  }

  rename(from: string, to: string): void {
    if (!this.#entries.has(key(from))) throw new FileMissing(from)
    this.#makeParents(to)
    for (const [at, entry] of [...this.#entries]) {
      if (at !== key(from) && !at.startsWith(`${key(from)}\\`)) continue
      const path = plain(to) + entry.path.slice(plain(from).length)
      this.#entries.delete(at)
      this.#entries.get(key(path))?.content?.drop()
      this.#entries.set(key(path), { ...entry, path })
    }
    this.#options.changes.note()
  }

  /** Over what stood at `to`; folders above it are made. Throws `FileMissing`. */
  copy(from: string, to: string): void {
    this.needRoom(to, this.#content(from).bytes)
    const content = this.#content(from).copy()
    this.#entries.get(key(to))?.content?.drop()
    this.#makeParents(to)
    this.#entries.set(key(to), { path: plain(to), content, modified: this.#options.clock.now() })
    this.#options.changes.note()
  }

  makeFolder(path: string): void {
    if (this.#entries.has(key(path))) return
    this.#makeParents(path)
    this.#entries.set(key(path), { path: plain(path), modified: this.#options.clock.now() })
    this.#options.changes.note()
  }

  list(path: string): { name: string; folder: boolean; bytes: number; modified: Date }[] {
    const folder = this.#entries.get(key(path))
    if (folder === undefined) throw new FileMissing(path)
    const prefix = key(path).endsWith('\\') ? key(path) : `${key(path)}\\`
    const found: { name: string; folder: boolean; bytes: number; modified: Date }[] = []
    for (const [at, entry] of this.#entries) {
      if (!at.startsWith(prefix) || at === prefix || at.includes('\\', prefix.length)) continue
      found.push({ name: entry.path.slice(prefix.length), ...describe(entry) })
    }
    return found
  }

  stat(path: string): { folder: boolean; bytes: number; modified: Date } | undefined {
    const entry = this.#entries.get(key(path))
    return entry === undefined ? undefined : describe(entry)
  }

  exists(path: string): boolean {
    return this.#entries.has(key(path))
  }

  /** Some program opens a file and never closes it. */
  hold(path: string): void {
    this.#held.add(key(path))
  }

  isHeld(path: string): boolean {
    return this.#held.has(key(path))
  }

  release(path: string): void {
    this.#held.delete(key(path))
  }

  /** A running program has the file mapped: it can be replaced only while Windows starts. */
  pin(path: string): void {
    this.#pinned.add(key(path))
  }

  isPinned(path: string): boolean {
    return this.#pinned.has(key(path))
  }

  /** No program runs any more. */
  powerOff(): void {
    this.#pinned.clear()
  }

  /** Path and hash of every file, path of every folder, sorted: for the server's digest. */
  lines(): string[] {
    return [...this.#entries].map(([at, { content }]) => `${at} ${content?.sha256 ?? 'folder'}`).sort()
  }

  close(): void {
    for (const { content } of this.#entries.values()) content?.drop()
    this.#entries.clear()
  }

  /** Throws `DiskFull` when the file cannot become that large. */
  protected needRoom(path: string, bytes: number): void {
    if (bytes - (this.stat(path)?.bytes ?? 0) > this.freeBytes) throw new DiskFull()
  }

  #content(path: string): FileContent {
    const content = this.#entries.get(key(path))?.content
    if (content === undefined) throw new FileMissing(path)
    return content
  }

  #makeParents(path: string): void {
    const parent = plain(path).replace(/\\[^\\]*$/, '')
    // The drive itself stands in no folder.
    if (plain(path).length <= 3) return
    if (parent.length > 2 && parent !== plain(path)) this.makeFolder(parent)
    else if (parent.length === 2 && !this.#entries.has(`${parent.toLowerCase()}\\`)) this.makeFolder(`${parent}\\`)
  }
}

function describe({ content, modified }: Entry): { folder: boolean; bytes: number; modified: Date } {
  return { folder: content === undefined, bytes: content?.bytes ?? 0, modified }
}

function plain(path: string): string {
  const back = path.replace(/[\\/]+/g, '\\')
  return back.length > 3 ? back.replace(/\\$/, '') : back
}

function key(path: string): string {
  return plain(path).toLowerCase()
}
