import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { ChangeCounter } from './change-counter.js'
import type { LabClock } from './clock.js'
import { FileMissing, FileSystem, type FileSystemOptions } from './file-system.js'
import { sha256OfFile } from './sha256-of-file.js'

/**
 * The drive C: of a simulated server as real files, for the engine `powershell`: scripts open them by themselves. `C:\x` is the folder
 * `C:` below `root` with `x` in it, so a process that runs in `root` reaches it as the relative path `C:/x`. Names keep the case in which
 * they were written first, as on Windows.
 */
export class DiskFileSystem extends FileSystem {
  readonly #root: string
  readonly #changes: ChangeCounter
  readonly #clock: LabClock

  constructor(options: FileSystemOptions & { root: string }) {
    super(options)
    this.#root = options.root
    this.#changes = options.changes
    this.#clock = options.clock
    this.makeFolder('C:\\')
  }

  /** `C:/ProgramData/x` of `c:\programdata\X`: as it is spelled on the disk, with the slashes that scripts here use. */
  spelling(path: string): string {
    return this.#parts(path).join('/')
  }

  override read(path: string): Buffer {
    return readFileSync(this.#file(path))
  }

  override readFrom(path: string, offset: number): Buffer {
    const handle = openSync(this.#file(path), 'r')
    try {
      const rest = Buffer.alloc(Math.max(0, fstatSync(handle).size - offset))
      return rest.subarray(0, readSync(handle, rest, 0, rest.length, offset))
    } finally {
      closeSync(handle)
    }
  }

  override sha256(path: string): string {
    return sha256OfFile(this.#file(path))
  }

  override write(path: string, data: Uint8Array | string): void {
    this.needRoom(path, Buffer.byteLength(data))
    this.#change(path, file => writeFileSync(file, data))
  }

  override append(path: string, data: Uint8Array | string): void {
    this.needRoom(path, (this.stat(path)?.bytes ?? 0) + Buffer.byteLength(data))
    this.#change(path, file => appendFileSync(file, data))
  }

  override remove(path: string): void {
    if (!this.exists(path)) throw new FileMissing(path)
    if (this.stat(path)?.folder === true) rmdirSync(this.#place(path))
    else rmSync(this.#place(path))
    this.#changes.note()
  }

  override rename(from: string, to: string): void {
    if (!this.exists(from)) throw new FileMissing(from)
    this.#change(to, file => renameSync(this.#place(from), file))
  }

  override copy(from: string, to: string): void {
    this.needRoom(to, this.stat(from)?.bytes ?? 0)
    this.#change(to, file => copyFileSync(this.#file(from), file))
  }

  override makeFolder(path: string): void {
    // The base class makes the drive before this one knows where.
    if (!(#root in this) || this.exists(path)) return
    mkdirSync(this.#place(path), { recursive: true })
    this.#changes.note()
  }

  override list(path: string): { name: string; folder: boolean; bytes: number; modified: Date }[] {
    if (this.stat(path)?.folder !== true) throw new FileMissing(path)
    return readdirSync(this.#place(path)).flatMap(name => {
      const found = this.stat(`${path}\\${name}`)
      return found === undefined ? [] : [{ name, ...found }]
    })
  }

  override stat(path: string): { folder: boolean; bytes: number; modified: Date } | undefined {
    const found = statSync(this.#place(path), { throwIfNoEntry: false })
    if (found === undefined) return undefined
    const folder = found.isDirectory()
    return { folder, bytes: folder ? 0 : found.size, modified: this.#clock.at(found.mtimeMs) }
  }

  override exists(path: string): boolean {
    return existsSync(this.#place(path))
  }

  override lines(): string[] {
    const below = (path: string): string[] => [
      `${path.toLowerCase()} folder`,
      ...this.list(path).flatMap(({ name, folder }) => {
        const inner = path.endsWith('\\') ? `${path}${name}` : `${path}\\${name}`
        return folder ? below(inner) : [`${inner.toLowerCase()} ${this.sha256(inner)}`]
      }),
    ]
    return below('C:\\').sort()
  }

  override close(): void {
    rmSync(this.#root, { recursive: true, force: true })
  }

  #change(path: string, act: (file: string) => void): void {
    const file = this.#place(path)
    mkdirSync(dirname(file), { recursive: true })
    act(file)
    this.#changes.note()
  }

  #file(path: string): string {
    const file = this.#place(path)
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) throw new FileMissing(path)
    return file
  }

  #place(path: string): string {
    return join(this.#root, ...this.#parts(path))
  }

  /** Each part as it is spelled where it is there, as it was asked for where it is not. */
  #parts(path: string): string[] {
    const found: string[] = []
    for (const part of path.split(/[\\/]+/).filter(text => text !== '' && text !== '.')) {
      if (part === '..') throw new FileMissing(path)
      const folder = join(this.#root, ...found)
      const exact = existsSync(join(folder, part))
      const names = exact || !existsSync(folder) ? [] : readdirSync(folder)
      found.push(names.find(name => name.toLowerCase() === part.toLowerCase()) ?? part)
    }
    return found
  }
}
