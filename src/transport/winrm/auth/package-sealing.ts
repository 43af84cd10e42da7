import type { SealedBody, SealedProtocol } from '../sealing/sealed-body.js'
import type { Sealing } from '../sealing/sealing.js'
import type { KerberosClient } from './kerberos-module.js'

/** RFC 4121 4.2.6.2: 05 04, flags, filler, EC, RRC, sequence number. */
const tokenHeaderBytes = 16
const rotationOffset = 6
/** One block of AES goes before the message as confounder (RFC 3962 6). */
const confounderBytes = 16

/**
 * Seals with the `kerberos` package: through SSPI on Windows, elsewhere where its `wrap` takes whole messages. `cannot` = what is
 * thrown where it does not, before anything is sent.
 */
export function packageSealing(client: KerberosClient, protocol: SealedProtocol, cannot: () => Error): Sealing {
  return {
    protocol,
    // RC4-HMAC tokens pad with one byte (RFC 4757 7.3), the DES of old with up to eight.
    mostPadding: 8,
    async seal(plain) {
      const token = Buffer.from(await client.wrap(plain.toString('base64'), { protect: true }), 'base64')
      if (token.length <= plain.length) throw cannot()
      return splitToken(token, plain.length)
    },
    async open({ header, data }) {
      try {
        const plain = await client.unwrap(Buffer.concat([header, data]).toString('base64'))
        return Buffer.from(plain ?? '', 'base64')
      } catch {
        // The library says no to a wrong signature and to a wrong place in the sequence alike.
        return undefined
      }
    },
  }
}

/**
 * Parts a wrap token as Windows wants it: everything that is not the message in front. In a token of RFC 4121 what follows the
 * message is brought to the front by turning it round, and RRC says by how much (4.2.5), which SSPI has done and GSSAPI has not; one of
 * RFC 4757 is that way already, with a byte of padding at its end.
 */
export function splitToken(token: Buffer, plainBytes: number): SealedBody {
  const isRfc4121 = token[0] === 0x05 && token[1] === 0x04
  if (!isRfc4121) {
    const headerBytes = token.length - plainBytes - 1
    return { header: token.subarray(0, headerBytes), data: token.subarray(headerBytes), padding: 1 }
  }
  const headerBytes = token.length - plainBytes
  const turn = token.readUInt16BE(rotationOffset) === 0 ? headerBytes - tokenHeaderBytes - confounderBytes : 0
  const body = token.subarray(tokenHeaderBytes)
  const head = Buffer.from(token.subarray(0, tokenHeaderBytes))
  if (turn > 0) head.writeUInt16BE(turn, rotationOffset)
  const cut = body.length - turn
  const turned = Buffer.concat([head, body.subarray(cut), body.subarray(0, cut)])
  return { header: turned.subarray(0, headerBytes), data: turned.subarray(headerBytes) }
}
