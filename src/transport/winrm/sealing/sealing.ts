import type { SealedBody, SealedProtocol } from './sealed-body.js'

/** Seals and opens the messages of one connection, in their order. */
export interface Sealing {
  protocol: SealedProtocol
  /** What `plain` holds afterwards is the mechanism's: it may seal the bytes where they stand. */
  seal(plain: Buffer): SealedBody | Promise<SealedBody>
  /** The plain bytes, in the place of the sealed ones where the mechanism can; undefined when the signature is wrong. */
  open(sealed: SealedBody): Buffer | undefined | Promise<Buffer | undefined>
  /** Bytes by which the mechanism may lengthen a message before it seals it. 0 for NTLM. */
  mostPadding: number
}
