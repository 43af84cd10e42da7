import { createHash, createHmac } from 'node:crypto'
import { md4 } from '../crypto/md4.js'
import { Rc4 } from '../crypto/rc4.js'
import { utf16 } from './messages.js'

/** The key that stands for a password (MS-NLMP 3.3.2, NTOWFv2). */
export function ntowfV2(password: string, user: string, domain: string): Buffer {
  return hmacMd5(md4(utf16(password)), utf16(user.toUpperCase() + domain))
}

export interface ResponseInput {
  ntowf: Buffer
  serverChallenge: Buffer
  /** Eight random bytes. */
  clientChallenge: Buffer
  /** Little-endian FILETIME, eight bytes. */
  time: Buffer
  targetInfo: Buffer
}

export interface ResponseV2 {
  ntResponse: Buffer
  lmResponse: Buffer
  sessionBaseKey: Buffer
}

/** What is answered to a challenge (MS-NLMP 3.3.2). */
export function responseV2({ ntowf, serverChallenge, clientChallenge, time, targetInfo }: ResponseInput): ResponseV2 {
  const temp = Buffer.concat([
    Buffer.from([1, 1, 0, 0, 0, 0, 0, 0]),
    time,
    clientChallenge,
    Buffer.alloc(4),
    targetInfo,
  ])
  // Four reserved bytes follow the target information.
  const blob = Buffer.concat([temp, Buffer.alloc(4)])
  const { proof, sessionBaseKey } = proofV2(ntowf, serverChallenge, blob)
  return {
    ntResponse: Buffer.concat([proof, blob]),
    lmResponse: Buffer.concat([hmacMd5(ntowf, Buffer.concat([serverChallenge, clientChallenge])), clientChallenge]),
    sessionBaseKey,
  }
}

/** The proof over a response's blob, and the key that follows from it; the acceptor works it out the same way. */
export function proofV2(
  ntowf: Buffer,
  serverChallenge: Buffer,
  blob: Buffer,
): { proof: Buffer; sessionBaseKey: Buffer } {
  const proof = hmacMd5(ntowf, Buffer.concat([serverChallenge, blob]))
  return { proof, sessionBaseKey: hmacMd5(ntowf, proof) }
}

/** RC4 of the exported session key under the key exchange key, and its inverse. */
export function wrapSessionKey(keyExchangeKey: Buffer, sessionKey: Buffer): Buffer {
  return new Rc4(keyExchangeKey).apply(sessionKey)
}

export function messageIntegrityCode(
  sessionKey: Buffer,
  negotiate: Buffer,
  challenge: Buffer,
  authenticate: Buffer,
): Buffer {
  return hmacMd5(sessionKey, Buffer.concat([negotiate, challenge, authenticate]))
}

export type Direction = 'client-to-server' | 'server-to-client'

/** MS-NLMP 3.4.5.2, SIGNKEY with extended session security. */
export function signKey(sessionKey: Buffer, direction: Direction): Buffer {
  return md5(sessionKey, `session key to ${direction} signing key magic constant\0`)
}

/** MS-NLMP 3.4.5.3, SEALKEY with extended session security and 128 bits. */
export function sealKey(sessionKey: Buffer, direction: Direction): Buffer {
  return md5(sessionKey, `session key to ${direction} sealing key magic constant\0`)
}

export function hmacMd5(key: Buffer, data: Buffer): Buffer {
  return createHmac('md5', key).update(data).digest()
}

function md5(sessionKey: Buffer, constant: string): Buffer {
  return createHash('md5').update(sessionKey).update(constant, 'latin1').digest()
}
