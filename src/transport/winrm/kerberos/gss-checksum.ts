import { derTags, readFields, readOnly } from '../spnego/der.js'
import { KerberosError } from './kerberos-error.js'
import { fieldOf, readInteger } from './messages.js'

/** Kind of a checksum that is none, and tells a server about the context instead (RFC 4121 4.1.1). */
const gssChecksum = 0x8003
/** Length of the binding, which is 16; the binding; flags: all little-endian. */
const at = { binding: 4, flags: 20 } as const
const leastBytes = 24

export interface GssChecksum {
  /** Hash of the channel's bindings; sixteen zeros where there are none (RFC 4121 4.1.1.2). Shares its memory with `field`. */
  binding: Buffer
  /** What the client asks of the context (RFC 2744 3.19). */
  flags: number
}

/** Field 3 of an Authenticator. Throws `DerError` or `KerberosError`. */
export function readGssChecksum(field: Buffer): GssChecksum {
  const fields = readFields(field)
  const bytes = readOnly(fieldOf(fields, 1), derTags.octetString)
  if (readInteger(fieldOf(fields, 0)) !== gssChecksum || bytes.length < leastBytes) {
    throw new KerberosError('an Authenticator without the checksum of GSSAPI')
  }
  return { binding: bytes.subarray(at.binding, at.flags), flags: bytes.readUInt32LE(at.flags) }
}
