import { TransferError } from '../errors.js'

/** More than this is no answer of a command, and text of half a gigabyte cannot be made at all. */
const mostKeptBytes = 128 * 1024 * 1024

/** What a command wrote on one stream, kept for its result up to a limit: a server that never stops writing ends the command, not exroll. */
export class KeptOutput {
  readonly #limitBytes: number
  readonly #chunks: Uint8Array[] = []
  #bytes = 0

  constructor(limitBytes = mostKeptBytes) {
    this.#limitBytes = limitBytes
  }

  /** Throws `TransferError` OUTPUT_TOO_LARGE. */
  add(chunk: Uint8Array): void {
    this.#bytes += chunk.length
    if (this.#bytes > this.#limitBytes) throw tooMuch(this.#limitBytes)
    this.#chunks.push(chunk)
  }

  /** Joined before decoding: a character may lie across two chunks. */
  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8')
  }
}

function tooMuch(limitBytes: number): TransferError {
  return new TransferError(`The command wrote more than ${limitBytes} bytes and was ended.`, {
    code: 'OUTPUT_TOO_LARGE',
    hint: 'Look at what it writes on the server; let it write into a file, and copy that.',
  })
}
