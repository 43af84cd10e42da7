import { createHash, createPrivateKey, createPublicKey, randomBytes } from 'node:crypto'
import ssh2 from 'ssh2'

/** DER of an RFC 8410 private key up to its 32 secret bytes. */
const ed25519Pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex')

/**
 * An ed25519 host key in OpenSSH's own file format (PROTOCOL.key: `openssh-key-v1`), which both ssh2 and ssh-keygen
 * read. With a `seed` (any bytes) the same seed gives the same key, else the key is random.
 */
export function makeHostKey(seed?: Uint8Array): string {
  const secret = seed === undefined ? randomBytes(32) : createHash('sha256').update(seed).digest()
  const key = createPrivateKey({ key: Buffer.concat([ed25519Pkcs8Head, secret]), format: 'der', type: 'pkcs8' })
  const open = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32)
  const type = Buffer.from('ssh-ed25519')
  const openBlob = Buffer.concat([field(type), field(open)])
  const check = createHash('sha256').update(open).digest().subarray(0, 4)
  const body = Buffer.concat([
    ...[check, check, field(type), field(open)],
    field(Buffer.concat([secret, open])),
    field(Buffer.from('exroll-lab')),
  ])
  const padding = Buffer.from(Array.from({ length: (8 - (body.length % 8)) % 8 }, (_, index) => index + 1))
  const none = field(Buffer.from('none'))
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...[none, none, field(Buffer.alloc(0)), Buffer.from([0, 0, 0, 1])],
    field(openBlob),
    field(Buffer.concat([body, padding])),
  ])
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? []
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n')
}

/** `SHA256:base64` of the key's public half, as `ssh-keygen -lf` prints it. */
export function hostKeyFingerprint(hostKey: string): string {
  const parsed = ssh2.utils.parseKey(hostKey)
  if (parsed instanceof Error) throw parsed
  const digest = createHash('sha256').update(parsed.getPublicSSH()).digest('base64')
  return `SHA256:${digest.replace(/=+$/, '')}`
}

function field(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
