import { createHash, randomUUID } from 'node:crypto'
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { sha256OfFile } from './sha256-of-file.js'

/** What is kept in memory of one file; more goes to disk, or a fleet's logs would fill the machine. */
const inMemory = 64 * 1024

/** The bytes of one simulated file. */
export class FileContent {
  readonly #spillFolder: string
  #data: Buffer = Buffer.alloc(0)
  #spilled: string | undefined
  #bytes = 0
  #hash: string | undefined

  constructor(spillFolder: string, data: Uint8Array = new Uint8Array()) {
    this.#spillFolder = spillFolder
    this.append(data)
  }

  get bytes(): number {
    return this.#bytes
  }

  append(data: Uint8Array): void {
    this.#hash = undefined
    this.#bytes += data.length
    if (this.#spilled !== undefined) {
      appendFileSync(this.#spilled, data)
      return
    }
    if (this.#bytes <= inMemory) {
      this.#data = Buffer.concat([this.#data, data])
      return
    }
    this.#spilled = join(this.#spillFolder, randomUUID())
    writeFileSync(this.#spilled, this.#data.length === 0 ? data : Buffer.concat([this.#data, data]))
    this.#data = Buffer.alloc(0)
  }

  /** The same bytes as a file of their own; in memory they are shared until one of the two grows. */
  copy(): FileContent {
    const copied = new FileContent(this.#spillFolder)
    if (this.#spilled === undefined) {
      copied.#data = this.#data
      copied.#bytes = this.#bytes
    } else {
      copied.#spilled = join(this.#spillFolder, randomUUID())
      copied.#bytes = this.#bytes
      copyFileSync(this.#spilled, copied.#spilled)
    }
    copied.#hash = this.#hash
    return copied
  }

  /** All of it, or what stands from `offset` on. */
  read(offset = 0): Buffer {
    if (this.#spilled === undefined) return this.#data.subarray(offset)
    if (offset === 0) return readFileSync(this.#spilled)
    const file = openSync(this.#spilled, 'r')
    try {
      const rest = Buffer.alloc(Math.max(0, fstatSync(file).size - offset))
      const got = readSync(file, rest, 0, rest.length, offset)
      return rest.subarray(0, got)
    } finally {
      closeSync(file)
    }
  }

  get sha256(): string {
    this.#hash ??= this.#spilled === undefined ? sha256Of(this.#data) : sha256OfFile(this.#spilled)
    return this.#hash
  }

  /** Gives the disk space back. */
  drop(): void {
    if (this.#spilled !== undefined) rmSync(this.#spilled, { force: true })
  }
}

function sha256Of(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}
