import { createHash } from 'node:crypto'
import { win32 } from 'node:path'
import { runCommandLine } from '../../../src/lab/endpoint/command-line.js'
import type { ExecChannel, Host, HostFiles, HostNetwork } from '../../../src/lab/model.js'

class FileMissing extends Error {
  override readonly name = 'FileMissing'
}

/** The smallest thing an endpoint can serve: files in memory, one account, a line that a test can spoil. */
export class MemoryHost implements Host {
  readonly name = 'ex-test-01'
  readonly files = new MemoryFiles()
  readonly network = new MemoryNetwork()
  logons: string[] = []
  exec: (channel: ExecChannel) => Promise<number> = channel => runCommandLine(this, channel)

  logon(user: string, password: string): boolean {
    this.logons.push(user)
    return user === 'exadmin' && password === 'right'
  }

  passwordOf(user: string): string | undefined {
    return user === 'exadmin' ? 'right' : undefined
  }
}

export class MemoryNetwork implements HostNetwork {
  down = false
  delayMs = 0
  bytesPerSecond = 0
  damage = false
  cut: () => void = () => {}

  onCut(cut: () => void): void {
    this.cut = cut
  }

  takeDamage(): boolean {
    const damage = this.damage
    this.damage = false
    return damage
  }
}

const modified = new Date('2026-11-23T21:00:00Z')

export class MemoryFiles implements HostFiles {
  /** The bytes of a file in pieces: one that grows is joined when it is read. */
  readonly #entries = new Map<string, { path: string; data: Uint8Array[] | undefined }>()

  constructor() {
    for (const path of ['C:\\', 'C:\\Users', 'C:\\Users\\exadmin', 'C:\\Windows', 'D:\\']) this.makeFolder(path)
  }

  read(path: string): Uint8Array {
    const data = this.#entries.get(key(path))?.data
    if (data === undefined) throw new FileMissing(path)
    const [first, second] = data
    if (first !== undefined && second === undefined) return first
    const whole = Buffer.concat(data)
    data.splice(0, data.length, whole)
    return whole
  }

  sha256(path: string): string {
    return createHash('sha256').update(this.read(path)).digest('hex')
  }

  write(path: string, data: Uint8Array): void {
    this.#entries.set(key(path), { path, data: [data] })
  }

  append(path: string, data: Uint8Array): void {
    const pieces = this.#entries.get(key(path))?.data
    if (pieces === undefined) throw new FileMissing(path)
    pieces.push(data)
  }

  remove(path: string): void {
    if (!this.#entries.delete(key(path))) throw new FileMissing(path)
  }

  rename(from: string, to: string): void {
    for (const [at, entry] of [...this.#entries]) {
      if (at !== key(from) && !at.startsWith(`${key(from)}\\`)) continue
      const path = to + entry.path.slice(from.length)
      this.#entries.delete(at)
      this.#entries.set(key(path), { path, data: entry.data })
    }
  }

  makeFolder(path: string): void {
    this.#entries.set(key(path), { path, data: undefined })
  }

  list(path: string): { name: string; folder: boolean; bytes: number; modified: Date }[] {
    return [...this.#entries.values()]
      .filter(entry => key(win32.dirname(entry.path)) === key(path) && key(entry.path) !== key(path))
      .map(({ path: whole, data }) => ({
        name: win32.basename(whole),
        folder: data === undefined,
        bytes: sizeOf(data),
        modified,
      }))
  }

  stat(path: string): { folder: boolean; bytes: number; modified: Date } | undefined {
    const entry = this.#entries.get(key(path))
    return entry && { folder: entry.data === undefined, bytes: sizeOf(entry.data), modified }
  }
}

function sizeOf(pieces: readonly Uint8Array[] = []): number {
  return pieces.reduce((sum, { length }) => sum + length, 0)
}

function key(path: string): string {
  return path.replace(/\//g, '\\').toLowerCase()
}
