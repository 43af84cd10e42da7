import { checksumBytes, confounderBytes, decrypt, type EncryptionKey, encrypt } from './encryption.js'
import { KerberosError } from './kerberos-error.js'

/** RFC 4121 4.2.6.2: 05 04, flags, filler, EC, RRC, sequence number. */
const headerBytes = 16
const tokenId = 0x0504
const flags = { sentByAcceptor: 1, sealed: 2, acceptorSubkey: 4 } as const
const at = { flags: 2, filler: 3, extraCount: 4, rotation: 6, sequence: 8 } as const
/** KG-USAGE-ACCEPTOR-SEAL and KG-USAGE-INITIATOR-SEAL (RFC 4121 2). */
const usages = { acceptor: 22, initiator: 24 } as const
/** Of what is encrypted behind the message: the copy of the header and the checksum. */
const trailerBytes = headerBytes + checksumBytes

/** Bytes of a token that stand before its data once it is turned the way Windows has it. */
export const wrapHeaderBytes = headerBytes + trailerBytes + confounderBytes

/** What goes one way in a context: whose tokens they are, with which key, and from which number on. */
export interface WrapDirection {
  key: EncryptionKey
  /** The acceptor asserted it in its AP-REP. */
  isAcceptorSubkey: boolean
  sender: 'initiator' | 'acceptor'
  /** Of the first token: the sequence number of the sender's AP-REQ or AP-REP. */
  sequence: number
}

/** Per-message tokens with confidentiality (RFC 4121 4.2.4) of one direction, in their order. Not for DCE style. */
export class WrapTokens {
  readonly #direction: WrapDirection
  #sequence: bigint

  constructor(direction: WrapDirection) {
    this.#direction = direction
    this.#sequence = BigInt(direction.sequence)
  }

  /**
   * A token in two parts: everything that is not the message, then what is as long as the message. A token's encrypted part ends
   * with header and checksum; Windows has them turned to the front, and says so in RRC (4.2.5).
   */
  seal(plain: Buffer): { header: Buffer; data: Buffer } {
    const { key, sender } = this.#direction
    const header = this.#header()
    const cipher = encrypt(key, usages[sender], Buffer.concat([plain, header]))
    const cut = cipher.length - trailerBytes
    header.writeUInt16BE(trailerBytes, at.rotation)
    const token = Buffer.concat([header, cipher.subarray(cut), cipher.subarray(0, cut)])
    this.#sequence += 1n
    return { header: token.subarray(0, wrapHeaderBytes), data: token.subarray(wrapHeaderBytes) }
  }

  /**
   * The message of a token; undefined when the signature is not that of this message, at this place, by the other side.
   * Throws `KerberosError` for what is no token.
   */
  open(token: Buffer): Buffer | undefined {
    if (token.length < headerBytes + confounderBytes + trailerBytes || token.readUInt16BE(0) !== tokenId) {
      throw new KerberosError('not a wrap token')
    }
    const expected = this.#header()
    const extra = token.readUInt16BE(at.extraCount)
    expected.writeUInt16BE(extra, at.extraCount)
    const given = Buffer.from(token.subarray(0, headerBytes))
    given.writeUInt16BE(0, at.rotation)
    if (!given.equals(expected)) return undefined
    const { key, sender } = this.#direction
    const turned = token.subarray(headerBytes)
    const turn = token.readUInt16BE(at.rotation) % turned.length
    const opened = decrypt(key, usages[sender], Buffer.concat([turned.subarray(turn), turned.subarray(0, turn)]))
    const end = (opened?.length ?? 0) - headerBytes - extra
    if (opened === undefined || end < 0 || !opened.subarray(opened.length - headerBytes).equals(expected))
      return undefined
    this.#sequence += 1n
    return opened.subarray(0, end)
  }

  /** The header that the next token has, with RRC 0: so it stands in the encrypted part (4.2.4). */
  #header(): Buffer {
    const { sender, isAcceptorSubkey } = this.#direction
    const header = Buffer.alloc(headerBytes)
    header.writeUInt16BE(tokenId, 0)
    header[at.flags] =
      flags.sealed | (sender === 'acceptor' ? flags.sentByAcceptor : 0) | (isAcceptorSubkey ? flags.acceptorSubkey : 0)
    header[at.filler] = 0xff
    header.writeBigUInt64BE(this.#sequence, at.sequence)
    return header
  }
}
