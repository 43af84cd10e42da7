import { timingSafeEqual } from 'node:crypto'
import { Rc4 } from '../crypto/rc4.js'
import { type Direction, hmacMd5, sealKey, signKey } from './keys.js'

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

  seal(plain: Buffer): SealedMessage {
    // The data takes its part of the key stream before the checksum does (3.4.3).
    const data = this.#stream.apply(plain)
    return { signature: this.#sign(plain), data }
  }

  /** The plain bytes; undefined when the signature is not that of this message at this place. */
  open({ signature, data }: SealedMessage): Buffer | undefined {
    const plain = this.#stream.apply(data)
    return equal(signature, this.#sign(plain)) ? plain : undefined
  }

  sign(plain: Buffer): Buffer {
    return this.#sign(plain)
  }

  verify(plain: Buffer, signature: Buffer): boolean {
    return equal(signature, this.#sign(plain))
  }

  /** After SPNEGO's mechListMIC the key stream starts again, the sequence number goes on (MS-SPNG 3.3.5.1). */
  restart(): void {
    this.#stream = new Rc4(this.#sealKey)
  }

  #sign(plain: Buffer): Buffer {
    const signature = Buffer.alloc(signatureBytes)
    const sequence = Buffer.alloc(4)
    sequence.writeUInt32LE(this.#sequence)
    this.#sequence = (this.#sequence + 1) >>> 0
    const checksum = hmacMd5(this.#signKey, Buffer.concat([sequence, plain])).subarray(0, 8)
    signature.writeUInt32LE(1, 0)
    this.#stream.apply(checksum).copy(signature, 4)
    sequence.copy(signature, 12)
    return signature
  }
}

function equal(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
