import { createHmac, timingSafeEqual } from 'node:crypto'
import { Rc4 } from '../crypto/rc4.js'
import { type Direction, sealKey, signKey } from './keys.js'

/** Length of a message's signature. */
export const signatureBytes = 16

export interface SealedMessage {
  /** Sixteen bytes. */
  signature: Buffer
  data: Buffer
}

/**
 * Signs and seals what goes one way on a connection (MS-NLMP 3.4, extended session security with key exchange). Key stream and
 * sequence number go on from message to message, so each message is sealed or opened once and in order.
 */
export class NtlmDirection {
  readonly #signKey: Buffer
  readonly #sealKey: Buffer
  #stream: Rc4
  #sequence = 0

  constructor(sessionKey: Buffer, direction: Direction) {
    this.#signKey = signKey(sessionKey, direction)
    this.#sealKey = sealKey(sessionKey, direction)
    this.#stream = new Rc4(this.#sealKey)
  }

  /** Seals the bytes where they stand: `plain` is the data of the answer afterwards. */
  seal(plain: Buffer): SealedMessage {
    const checksum = this.#checksum(plain)
    // The data takes its part of the key stream before the checksum does (3.4.3).
    this.#stream.applyTo(plain)
    return { signature: this.#signature(checksum), data: plain }
  }

  /** The plain bytes, where the sealed ones stood; undefined when the signature is not that of this message at this place. */
  open({ signature, data }: SealedMessage): Buffer | undefined {
    this.#stream.applyTo(data)
    return equal(signature, this.sign(data)) ? data : undefined
  }

  sign(plain: Buffer): Buffer {
    return this.#signature(this.#checksum(plain))
  }

  verify(plain: Buffer, signature: Buffer): boolean {
    return equal(signature, this.sign(plain))
  }

  /** After SPNEGO's mechListMIC the key stream starts again, the sequence number goes on (MS-SPNG 3.3.5.1). */
  restart(): void {
    this.#stream = new Rc4(this.#sealKey)
  }

  #checksum(plain: Buffer): Buffer {
    return createHmac('md5', this.#signKey).update(this.#sequenceBytes()).update(plain).digest().subarray(0, 8)
  }

  /** Takes the next place in the sequence. */
  #signature(checksum: Buffer): Buffer {
    const signature = Buffer.alloc(signatureBytes)
    signature.writeUInt32LE(1, 0)
    this.#stream.apply(checksum).copy(signature, 4)
    this.#sequenceBytes().copy(signature, 12)
    this.#sequence = (this.#sequence + 1) >>> 0
    return signature
  }

  #sequenceBytes(): Buffer {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32LE(this.#sequence)
    return bytes
  }
}

function equal(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
