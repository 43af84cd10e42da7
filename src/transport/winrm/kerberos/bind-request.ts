import { readFields, readOnly } from '../spnego/der.js'
import { type EncryptionKey, encrypt } from './encryption.js'
import { readGssChecksum } from './gss-checksum.js'
import { applicationTags, fieldOf, keyUsages, openPart, readApReq } from './messages.js'

/**
 * A client's first token with the hash of the channel's bindings in its Authenticator (RFC 4121 4.1.1.2), where the library that made
 * it put none: whoever has the key of the ticket can encrypt the Authenticator anew. Its time, subkey and sequence number stay, so that
 * the library still takes the server's answer for the answer to its own token. Throws `KerberosError` or `DerError`.
 */
export function bindRequest(request: Buffer, ticketKey: EncryptionKey, binding: Buffer): Buffer {
  const bound = Buffer.from(request)
  const { authenticator } = readApReq(bound)
  const plain = openPart(ticketKey, keyUsages.authenticator, authenticator)
  const fields = readFields(readOnly(plain, applicationTags.authenticator))
  // What was read shares its memory with `plain` and `bound`, and ciphertext stealing adds no byte: both change where they stand.
  binding.copy(readGssChecksum(fieldOf(fields, 3)).binding)
  encrypt(ticketKey, keyUsages.authenticator, plain).copy(authenticator.cipher)
  return bound
}
