import { KerberosError } from './kerberos-error.js'

/** Reads the big-endian fields of MIT's file formats one after the other. Throws `KerberosError` at the end of the bytes. */
export class ByteReader {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, start = 0) {
    this.#bytes = bytes
    this.#at = start
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  byte(): number {
    return this.take(1).readUInt8()
  }

  short(): number {
    return this.take(2).readUInt16BE()
  }

  long(): number {
    return this.take(4).readUInt32BE()
  }

  take(count: number): Buffer {
    if (count > this.left) throw new KerberosError('the file is cut')
    this.#at += count
    return this.#bytes.subarray(this.#at - count, this.#at)
  }
}
