const blockBytes = 1024 * 1024

/** Bytes that are written in pieces, at any place. Kept in blocks, so that a large file does not move each time it grows. */
export class WrittenBytes {
  readonly #blocks: Buffer[] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  /** What was never written before `offset` is zero. */
  write(offset: number, data: Uint8Array): void {
    if (offset > this.#length) this.truncate(offset)
    for (let done = 0; done < data.length; ) {
      const { block, at } = this.#placeOf(offset + done)
      const piece = data.subarray(done, done + blockBytes - at)
      block.set(piece, at)
      done += piece.length
    }
    this.#length = Math.max(this.#length, offset + data.length)
  }

  /** A copy of at most `length` bytes. */
  read(offset: number, length: number): Buffer {
    const end = Math.min(this.#length, offset + length)
    const found = Buffer.allocUnsafe(Math.max(0, end - offset))
    for (let done = 0; done < found.length; ) {
      const { block, at } = this.#placeOf(offset + done)
      done += block.copy(found, done, at)
    }
    return found
  }

  /** Cuts off what is behind `length`, or goes on with zeros up to there. */
  truncate(length: number): void {
    for (let from = this.#length; from < length; ) {
      const { block, at } = this.#placeOf(from)
      const to = Math.min(blockBytes, at + length - from)
      block.fill(0, at, to)
      from += to - at
    }
    this.#blocks.length = Math.ceil(length / blockBytes)
    this.#length = length
  }

  #placeOf(offset: number): { block: Buffer; at: number } {
    const number = Math.floor(offset / blockBytes)
    let block = this.#blocks[number]
    if (block === undefined) {
      block = Buffer.allocUnsafeSlow(blockBytes)
      this.#blocks[number] = block
    }
    return { block, at: offset % blockBytes }
  }
}
